"""Sends load over gRPC with h2load. As with wrk, each connection has one call at a time."""

import re
import statistics
import subprocess
import tempfile

from machine import CORES
from servers import Process

SUCCEEDED = re.compile(r"requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded")


def run(process: Process, connections: int, seconds: int) -> dict:
    """Returns the same values as wrk.run. A failed call fails the whole comparison."""
    request = process.request
    with tempfile.NamedTemporaryFile() as body, tempfile.NamedTemporaryFile(mode="r") as log:
        body.write(request.body)
        body.flush()
        command = ["h2load", "-t", str(min(connections, CORES)), "-c", str(connections), "-m", "1", "-D", str(seconds), "-d", body.name,
                   "--log-file", log.name]
        for name, value in request.headers.items():
            command += ["-H", f"{name}: {value}"]
        command.append(f"http://127.0.0.1:{process.port}{request.path}")
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # Each line of the log has the start, the status and the microseconds of a request.
        times = sorted(int(line.split("\t")[2]) for line in log)
    total, succeeded = (int(count) for count in SUCCEEDED.search(output).groups())
    if succeeded < total:
        raise SystemExit(f"{process.server.title}, {process.case.name}, {connections} connections:\n{output}")
    p50, p99 = (statistics.quantiles(times, n=100)[percent - 1] for percent in (50, 99))
    return {"requests": succeeded, "microseconds": seconds * 1_000_000, "p50": p50, "p99": p99}
