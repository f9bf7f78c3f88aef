"""Sends load over HTTP/1.1 with wrk and a script that posts one body."""

import json
import subprocess
import tempfile

from machine import CORES
from paths import LOAD
from servers import Process


def run(process: Process, connections: int, seconds: int) -> dict:
    """Returns the output of post.lua. A response that is not a success fails the whole comparison."""
    request = process.request
    with tempfile.NamedTemporaryFile() as body:
        body.write(request.body)
        body.flush()
        command = ["wrk", "-t", str(min(connections, CORES)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s",
                   "-s", str(LOAD / "post.lua")]
        for name, value in request.headers.items():
            command += ["-H", f"{name}: {value}"]
        command += [f"http://127.0.0.1:{process.port}{request.path}", "--", body.name]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told = json.loads(output.strip().splitlines()[-1])
    if any(told["errors"].values()):
        raise SystemExit(f"{process.server.title}, {process.case.name}, {connections} connections: {told['errors']}")
    return told
