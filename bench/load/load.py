"""Puts a server under load, and measures its rate and its latencies."""

from dataclasses import dataclass

import h2load
import wrk
from servers import Process


@dataclass(frozen=True)
class Load:
    rate: float
    """Requests/s."""
    p50: float
    """Milliseconds."""
    p99: float


def load(process: Process, connections: int, seconds: int) -> Load:
    told = run(process, connections, seconds)
    if told["requests"] == 0:
        raise SystemExit(f"{process.server.title} answers nothing to {connections} connections in {seconds} s on {process.case.name}.")
    return Load(told["requests"] / told["microseconds"] * 1e6, told["p50"] / 1000, told["p99"] / 1000)


def warm_up(process: Process, connections: int, seconds: int) -> None:
    run(process, connections, seconds)


def run(process: Process, connections: int, seconds: int) -> dict:
    generator = h2load if process.server.protocol.is_grpc else wrk
    return generator.run(process, connections, seconds)
