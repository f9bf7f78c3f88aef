#!/usr/bin/env python3
"""Serves models of 25 to 75 % of a memory limit under that limit, and shows that the process is never killed.

    python3 bench/memory/limits.py artifacts/app/Functions

needs root, a memory cgroup (version 1 or 2) and Debian's python3-onnx and python3-numpy. For each limit and model a server with default settings
starts in a cgroup of its own with an empty cache, gets one request, and has time to prepare the model. Then it starts once more with the same
cache. The model is served or refused with numbers; both times the process must live. The report goes to bench/results.
"""

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "bench" / "results" / "memory-limits.md"
MEBIBYTE = 1 << 20
LIMITS = (512, 2048)
SHARES = (25, 40, 50, 60, 75)
WIDTH = 1024
# The time limit for a response and for a preparation, and the log texts at the end of a preparation.
PATIENCE_SECONDS = 300
PREPARED = ("is prepared for its next start", "could not be prepared")


class Group:
    """A memory cgroup: version 2 if the system has it, or else version 1."""

    def __init__(self, limit: int):
        unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        self.path = Path("/sys/fs/cgroup" if unified else "/sys/fs/cgroup/memory") / f"limits-{os.getpid()}"
        self.path.mkdir()
        self.peak_file = self.path / ("memory.peak" if unified else "memory.max_usage_in_bytes")
        (self.path / ("memory.max" if unified else "memory.limit_in_bytes")).write_text(str(limit), encoding="ascii")

    def enter(self) -> None:
        (self.path / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def close(self) -> None:
        self.path.rmdir()


def make_model(folder: Path, size: int) -> None:
    """Writes a model that multiplies by a chain of WIDTH x WIDTH matrices, about size bytes in all."""
    count = max(1, size // (4 * WIDTH * WIDTH))
    block = numpy.random.default_rng(1).standard_normal((WIDTH, WIDTH), dtype=numpy.float32) / WIDTH**0.5
    weights = [numpy_helper.from_array(numpy.roll(block, number), f"w{number}") for number in range(count)]
    nodes = [helper.make_node("MatMul", [f"h{number}" if number else "x", f"w{number}"], [f"h{number + 1}" if number + 1 < count else "y"])
             for number in range(count)]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", WIDTH]) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "matrices", values[:1], values[1:], weights)
    (folder / "m" / "1").mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(folder / "m" / "1" / "model.onnx"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(port: int) -> tuple[int, str]:
    body = json.dumps({"inputs": [{"name": "x", "shape": [1, WIDTH], "datatype": "FP32", "data": [0.5] * WIDTH}]}).encode()
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/v2/models/m/infer", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def serve(app: Path, models: Path, cache: Path, limit: int) -> dict:
    group = Group(limit)
    is_prepared = any(cache.glob("optimized/*.ort"))
    log = tempfile.TemporaryFile("w+", encoding="utf-8")
    port = free_port()
    environment = {**os.environ, "Models__Source": str(models), "Models__CacheDirectory": str(cache), "Logging__LogLevel__Default": "Debug"}
    server = subprocess.Popen([app, "--urls", f"http://127.0.0.1:{port}"], env=environment, stdout=log, stderr=log, preexec_fn=group.enter)
    try:
        status, reason = ask_or_die(server, port)
        if status == 200 and not is_prepared:
            wait_for_preparation(server, log)
        lives = server.poll() is None
        peak = peak_of(server.pid) if lives else 0
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    log.seek(0)
    text = log.read()
    result = {
        "lives": lives, "status": status, "reason": reason, "peak": peak, "group": int(group.peak_file.read_text(encoding="ascii")),
        "graph": any(cache.glob("optimized/*.ort")),
        "skipped": [line.strip() for line in text.splitlines() if "not opened a second time" in line]}
    group.close()
    return result


def ask_or_die(server: subprocess.Popen, port: int) -> tuple[int, str]:
    try:
        return ask(port)
    except OSError as error:
        return 0, f"{error}; exit code {server.poll()}"


def wait_for_preparation(server: subprocess.Popen, log) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        log.flush()
        position = log.tell()
        log.seek(0)
        text = log.read()
        log.seek(position)
        if any(line in text for line in PREPARED):
            return
        time.sleep(0.5)


def peak_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) * 1024


def row(limit: int, share: int, kind: str, run: dict) -> str:
    what = "served" if run["status"] == 200 else f"refused ({run['status']})"
    prepared = ("with an optimized graph" if run["graph"] else "without one, for lack of room" if run["skipped"] else "without one") if run["status"] == 200 else ""
    return (f"| {limit} MiB | {share} % | {kind} | {what} | {prepared} | {run['peak'] / MEBIBYTE:,.0f} MiB | {run['group'] / MEBIBYTE:,.0f} MiB "
            f"| {'yes' if run['lives'] else 'NO'} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("app", type=Path, help="the executable")
    parser.add_argument("--limits", type=int, nargs="*", default=LIMITS, help="MiB")
    parser.add_argument("--shares", type=int, nargs="*", default=SHARES, help="percent")
    options = parser.parse_args()
    rows = []
    for limit in options.limits:
        for share in options.shares:
            with tempfile.TemporaryDirectory() as folder:
                make_model(Path(folder) / "models", limit * MEBIBYTE * share // 100)
                (Path(folder) / "cache").mkdir(mode=0o700)
                for kind in ("first start", "restart"):
                    run = serve(options.app.resolve(), Path(folder) / "models", Path(folder) / "cache", limit * MEBIBYTE)
                    rows.append(row(limit, share, kind, run))
                    print(rows[-1], run["reason"], *run["skipped"], sep="\n  ", file=sys.stderr, flush=True)
    lines = [
        "# Models under a memory limit", "", f"`python3 bench/memory/limits.py`, default settings, FP32 matrices. {platform.platform()}.",
        "The peak of the process is VmHWM; that of the cgroup includes files that the system keeps in memory and gives up when it needs room.", "",
        "| limit | model, of the limit | | | prepared | peak of the process | of the cgroup | lives |", "|---|---|---|---|---|---|---|---|", *rows, ""]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    if any(line.endswith("| NO |") for line in rows):
        sys.exit("A process was killed.")


if __name__ == "__main__":
    main()
