"""The comparison itself: every server takes its turn in every round, so that a busy moment of the machine meets them all."""

import contextlib
import statistics
import sys
from dataclasses import dataclass, field

from cases import Case, run_raw
from load import Load, load, warm_up
from servers import Process, Server, keep_answer

CONNECTIONS = (1, 16, 64)
WARM_UP_CONNECTIONS = 16
# Once, until a JIT has compiled what runs often; then before each turn, until caches are the server's own again.
FIRST_WARM_UP_SECONDS = 4
TURN_WARM_UP_SECONDS = 1
RAW_BATCHES = (1, 32)


@dataclass
class Results:
    loads: dict[tuple[str, str, int], list[Load]] = field(default_factory=dict)
    """By model, server and connections; one for each round."""
    raw: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    """Items/s of ONNX Runtime alone by model and batch size."""

    def rate(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.rate for load in self.loads[model, server, connections])

    def p50(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.p50 for load in self.loads[model, server, connections])

    def p99(self, model: str, server: str, connections: int) -> float:
        return statistics.median(load.p99 for load in self.loads[model, server, connections])

    def raw_rate(self, model: str, batch: int) -> float:
        return statistics.median(self.raw[model, batch])

    def raw_best(self, model: str) -> float:
        return max(self.raw_rate(model, batch) for batch in RAW_BATCHES)


def minutes(cases: list[Case], servers: list[Server], rounds: int, seconds: int) -> float:
    """How long it will take, within some seconds."""
    turn = TURN_WARM_UP_SECONDS + len(CONNECTIONS) * seconds
    a_round = len(servers) * turn + len(RAW_BATCHES) * seconds
    return len(cases) * (len(servers) * FIRST_WARM_UP_SECONDS + rounds * a_round) / 60


def compare(cases: list[Case], servers: list[Server], rounds: int, seconds: int) -> Results:
    results = Results()
    for case in cases:
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(start(server, case)) for server in servers]
            for number in range(rounds):
                print(f"{case.name}, round {number + 1} of {rounds}", file=sys.stderr)
                for batch, rate in run_raw(case.name, seconds)["rates"].items():
                    results.raw.setdefault((case.name, int(batch)), []).append(rate)
                for process in processes:
                    take_turn(process, seconds, results)
    return results


def start(server: Server, case: Case) -> Process:
    if server.key == "noop":
        keep_answer(case)
    process = Process(server, case)
    warm_up(process, WARM_UP_CONNECTIONS, FIRST_WARM_UP_SECONDS)
    process.pause()
    return process


def take_turn(process: Process, seconds: int, results: Results) -> None:
    """The others are stopped meanwhile."""
    process.resume()
    warm_up(process, WARM_UP_CONNECTIONS, TURN_WARM_UP_SECONDS)
    for connections in CONNECTIONS:
        measured = load(process, connections, seconds)
        results.loads.setdefault((process.case.name, process.server.key, connections), []).append(measured)
    process.check()
    process.pause()
