"""
The comparison itself: every server takes its turn in every round, so that a busy moment of the machine meets them all. Ratios are made
within a round, and to ONNX Runtime alone as it was just before the server's turn: the machine's speed changes by a fifth from one minute
to the next.
"""

import contextlib
import statistics
import sys
from dataclasses import dataclass, field
from typing import Iterable

from cases import Case, run_raw
from load import Load, load, warm_up
from servers import Process, Server, keep_answer

CONNECTIONS = (1, 16, 64)
WARM_UP_CONNECTIONS = 16
# The first warm-up lasts until a JIT has compiled the hot code. The warm-up before each turn refills the processor's caches.
FIRST_WARM_UP_SECONDS = 4
TURN_WARM_UP_SECONDS = 1
RAW_BATCHES = (1, 32)
RAW_SECONDS = 1


@dataclass
class Results:
    loads: dict[tuple[str, str, int], list[Load]] = field(default_factory=dict)
    """The loads by model, server and connections; one for each round."""
    raw: dict[tuple[str, str], list[dict[int, float]]] = field(default_factory=dict)
    """Items/s of ONNX Runtime alone at each batch size, by model and server. It is measured in each round before the server's turn."""

    def rate(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.rate for load in self.loads[model, server, connections])

    def p50(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.p50 for load in self.loads[model, server, connections])

    def p99(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.p99 for load in self.loads[model, server, connections])

    def raw_rate(self, model: str, batch: int) -> float:
        return statistics.median(rates[batch] for (name, _), rounds in self.raw.items() if name == model for rates in rounds)

    def ratio(self, model: str, server: str, other: str, connections: int) -> float:
        return statistics.median(self.ratios(model, server, other, connections))

    def ratios(self, model: str, server: str, other: str, connections: int) -> list[float]:
        """Returns the ratio of the two rates in each round."""
        pairs = zip(self.loads[model, server, connections], self.loads[model, other, connections], strict=True)
        return [load.rate / beside.rate for load, beside in pairs]

    def of_raw(self, model: str, server: str, connections: int, batches: tuple[int, ...] = RAW_BATCHES) -> float:
        """Returns the server's rate relative to the best rate of ONNX Runtime alone; the median of the rounds."""
        pairs = zip(self.loads[model, server, connections], self.raw[model, server], strict=True)
        return statistics.median(load.rate / max(raw[batch] for batch in batches) for load, raw in pairs)


def minutes(cases: list[Case], servers: list[Server], rounds: int, seconds: int) -> float:
    """Returns the expected duration in minutes, within some seconds."""
    turn = len(RAW_BATCHES) * RAW_SECONDS + TURN_WARM_UP_SECONDS + len(CONNECTIONS) * seconds
    return len(cases) * len(servers) * (FIRST_WARM_UP_SECONDS + rounds * turn) / 60


def compare(cases: list[Case], servers: list[Server], rounds: int, seconds: int) -> Results:
    results = Results()
    for case in cases:
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(start(server, case)) for server in servers]
            for number in range(rounds):
                print(f"{case.name}, round {number + 1} of {rounds}", file=sys.stderr)
                for process in processes:
                    measure_raw(process, results)
                    take_turn(process, CONNECTIONS, seconds, results)
    return results


def start(server: Server, case: Case) -> Process:
    if server.key == "noop":
        keep_answer(case)
    process = Process(server, case)
    warm_up(process, WARM_UP_CONNECTIONS, FIRST_WARM_UP_SECONDS)
    if server.is_ours:
        process.wait_for_plan()
    process.pause()
    return process


def measure_raw(process: Process, results: Results) -> None:
    """Measures ONNX Runtime alone just before the turn of this process."""
    raw = run_raw(process.case.name, RAW_SECONDS)["rates"]
    results.raw.setdefault((process.case.name, process.server.key), []).append({int(batch): rate for batch, rate in raw.items()})


def take_turn(process: Process, connections: Iterable[int], seconds: int, results: Results) -> None:
    """Measures a process at each number of connections. The other processes are paused meanwhile."""
    process.resume()
    warm_up(process, WARM_UP_CONNECTIONS, TURN_WARM_UP_SECONDS)
    for count in connections:
        measured = load(process, count, seconds)
        results.loads.setdefault((process.case.name, process.server.key, count), []).append(measured)
    process.check()
    process.pause()
