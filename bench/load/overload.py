"""Sends ten times the server's capacity. Measures the latency of accepted requests, and the time until the server has recovered."""

import json
import subprocess
import tempfile
from dataclasses import dataclass

from cases import Case
from load import load, warm_up
from paths import BUILT
from servers import OURS, Process

CONNECTIONS = 4096
CAPACITY_CONNECTIONS = 64
# The warm-up lasts until the app has measured the plan of the model.
WARM_UP_SECONDS = 5


@dataclass(frozen=True)
class Row:
    case: Case
    capacity: float
    told: dict
    """The output of bench/load/openloop."""
    resident: float
    """Resident memory in MB before the overload."""
    peak: float
    """The maximum resident memory in MB during the overload."""


def measure(case: Case, seconds: int) -> Row:
    with Process(OURS, case) as process, tempfile.NamedTemporaryFile() as body:
        body.write(process.request.body)
        body.flush()
        warm_up(process, CAPACITY_CONNECTIONS, WARM_UP_SECONDS)
        process.wait_for_plan()
        capacity = load(process, CAPACITY_CONNECTIONS, seconds).rate
        resident = status(process.pid, "VmRSS")
        forget_peak(process.pid)
        command = [BUILT / "openloop" / "OpenLoop", f"http://127.0.0.1:{process.port}{process.request.path}", body.name,
                   f"{capacity}", f"{CONNECTIONS}", f"{seconds}"]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        peak = status(process.pid, "VmHWM")
        process.check()
    return Row(case, capacity, told, resident, peak)


def status(pid: int, name: str) -> float:
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1000


def forget_peak(pid: int) -> None:
    """Resets VmHWM, the maximum resident memory, to the present value: writing 5 to clear_refs does that (proc(5))."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def markdown(rows: list[Row], made_with: str) -> str:
    return f"# Overload\n\n{made_with}\n\n" + "\n\n".join(table(row) for row in rows) + "\n"


def table(row: Row) -> str:
    unloaded, overload = row.told["unloaded"], row.told["overload"]
    accepted, refused = overload["accepted"], overload["refused"]
    offered = overload["rate"] / row.capacity
    return "\n".join([
        f"{row.case.title}, JSON, at most {CONNECTIONS} connections. It can do {row.capacity:,.0f} requests/s; a quarter of that is "
        f"unloaded. {overload['rate']:,.0f} requests/s ({offered:.1f} times what it can do) were sent; {overload['unsent']:,} more were due "
        "while every connection was taken.\n",
        "| | unloaded | overload, goal | overload |",
        "|---|---|---|---|",
        f"| accepted | {unloaded['accepted']['count']:,} | | {accepted['count']:,} |",
        f"| p50 of the accepted | {unloaded['accepted']['p50']:.1f} ms | | {accepted['p50']:.1f} ms |",
        f"| p99 of the accepted | {unloaded['accepted']['p99']:.1f} ms | <= {3 * unloaded['accepted']['p99']:.1f} ms "
        f"| {accepted['p99']:.1f} ms |",
        f"| 429 with Retry-After | {unloaded['refused']['count']:,} | | {refused['count']:,} |",
        f"| p50, p99 of the 429s | | | {refused['p50']:.1f} ms, {refused['p99']:.1f} ms |",
        f"| failed otherwise | {unloaded['failed']:,} | 0 | {overload['failed']:,} |",
        f"| resident | {row.resident:.0f} MB | | at most {row.peak:.0f} MB |",
        f"| recovered after | | <= 1000 ms | {row.told['recovery']:.0f} ms |",
    ])
