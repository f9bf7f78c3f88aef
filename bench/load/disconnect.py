"""Measures how long the server computes on after the caller of a large batch has disconnected."""

import random
import socket
import statistics
import time
from dataclasses import dataclass

from cases import Case, run_raw
from protocols import Request, predict_request
from servers import OURS, Process

ITEMS = 64
TRIES_A_ROUND = 4
# The caller disconnects after this share of the time of a complete response, while the runs are in progress.
EARLIEST, LATEST = 0.4, 0.8
SAMPLE_SECONDS = 0.001
# The share of one processor within a sample above which the process counts as computing. Timers and similar work stay below it.
BUSY_SHARE = 0.3
QUIET_SECONDS = 0.2


@dataclass(frozen=True)
class Row:
    case: Case
    complete: float
    """Milliseconds of the complete response."""
    single: float
    """Milliseconds per item of ONNX Runtime alone on one processor."""
    idle: list[float]
    """Milliseconds from the disconnect to the last moment at which the process computed, sorted."""


def measure(case: Case, rounds: int) -> Row:
    source = random.Random(20)
    request = predict_request(case, ITEMS)
    with Process(OURS, case) as process:
        process.wait_for_plan()
        complete = statistics.median(answer_seconds(process, request) for _ in range(rounds))
        idle = sorted(leave(process, request, complete * source.uniform(EARLIEST, LATEST)) for _ in range(rounds * TRIES_A_ROUND))
        process.check()
    single = 1 / run_raw(case.name, seconds=1)["rates"]["1"]
    return Row(case, complete * 1000, single * 1000, [seconds * 1000 for seconds in idle])


def answer_seconds(process: Process, request: Request) -> float:
    began = time.perf_counter()
    process.ask(request)
    return time.perf_counter() - began


def leave(process: Process, request: Request, after: float) -> float:
    """Sends the request and disconnects after that many seconds. Returns how many more seconds the process computed."""
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(request.body))} | request.headers
    head = f"POST {request.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        leaves = time.perf_counter() + after
        client.sendall(head.encode() + request.body)
        if time.perf_counter() > leaves:
            raise SystemExit("The machine is too busy: sending the request took longer than the caller was to stay.")
        time.sleep(leaves - time.perf_counter())
    return busy_seconds(process.pid)


def busy_seconds(pid: int) -> float:
    began = last_busy = before = time.perf_counter()
    used = processor_seconds(pid)
    while before - last_busy < QUIET_SECONDS:
        time.sleep(SAMPLE_SECONDS)
        now, used_now = time.perf_counter(), processor_seconds(pid)
        if used_now - used > BUSY_SHARE * (now - before):
            last_busy = now
        before, used = now, used_now
    return last_busy - began


def processor_seconds(pid: int) -> float:
    """Returns the processor time of the process, including running threads, in nanosecond resolution. /proc counts in ticks."""
    # Python has no clock_getcpuclockid(3) for another process. Its result is the inverted process id, shifted, and CPUCLOCK_SCHED (2).
    return time.clock_gettime(~pid << 3 | 2)


def markdown(rows: list[Row], made_with: str) -> str:
    lines = [
        "# From a caller's leaving to an idle process\n",
        f"{made_with} {ITEMS} items in one request; the caller leaves after {EARLIEST:.0%} to {LATEST:.0%} of the time its answer takes.\n",
        "| model | answer to a caller who stays | one item alone | still computing, median | most | tries | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(f"| {row.case.title} | {row.complete:.0f} ms | {row.single:.1f} ms | {statistics.median(row.idle):.1f} ms "
                     f"| {row.idle[-1]:.1f} ms | {len(row.idle)} | <= 20 ms |")
    return "\n".join(lines) + "\n"
