"""
Compares two builds of this app. Within each round, the two builds are measured directly after each other for every model, server and number
of connections. The build that is first in one round is second in the next.
"""

import argparse
import contextlib
import dataclasses
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import machine
from build import publish_app, publish_revision
from cases import Case
from paths import APP, BUILT, CACHE, ROOT
from report import number
from servers import Server
from throughput import CONNECTIONS, FIRST_WARM_UP_SECONDS, TURN_WARM_UP_SECONDS, Results, start, take_turn

# Ten minutes of measurements with five rounds.
DEFAULT_MODELS = ["digits", "wide"]
DEFAULT_SERVERS = ["ours-json", "ours-sent"]
DEFAULT_SECONDS = 3


@dataclass(frozen=True)
class Build:
    title: str
    folder: Path
    commit: str | None = None
    """The commit that is published to the folder."""

    def publish(self) -> None:
        if self.commit:
            publish_revision(self.commit, self.folder)
        elif self == WORKING_TREE:
            publish_app(ROOT, self.folder)

    def serve(self, server: Server, key: str) -> Server:
        """Returns the server with this build's program and a cache that no other build reads."""
        title = f"{server.title}, {self.title}"
        return dataclasses.replace(server, key=f"{server.key}, {key}", title=title, folder=self.folder, cache=CACHE / key)


WORKING_TREE = Build("the working tree", APP)


@dataclass(frozen=True)
class Pair:
    title: str
    before: Server
    after: Server


@dataclass(frozen=True)
class Row:
    case: Case
    pair: Pair
    connections: int
    before: float
    """Requests/s, the median of the rounds."""
    after: float
    ratios: list[float]
    """After to before, one for each round."""
    plans: tuple[str, str]
    """The plans before and after. Each build measures its own plan, so other load on the machine can make them differ."""

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def remarks(self, bound: float) -> str:
        before, after = self.plans
        below = [f"below {bound:g}"] if self.ratio < bound else []
        return "; ".join(below + ([f"plans differ: {before} before, {after} after"] if before != after else []))


def find(text: str) -> Build:
    """Returns the build that a folder or a git revision names."""
    folder = Path(text).resolve()
    if (folder / "Functions").is_file():
        return Build(folder.name, folder)
    commit = machine.output("git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
    if not commit:
        raise argparse.ArgumentTypeError(f'"{text}" is neither a folder with a published app nor a git revision')
    return Build(machine.output("git", "describe", "--always", commit), BUILT / "builds" / commit, commit)


def pairs(servers: list[Server], before: Build, after: Build) -> list[Pair]:
    return [Pair(server.title, before.serve(server, "before"), after.serve(server, "after")) for server in servers]


def minutes(cases: list[Case], servers: list[Pair], rounds: int, seconds: int) -> float:
    """Returns the expected duration in minutes, within some seconds."""
    turns = rounds * len(CONNECTIONS) * (TURN_WARM_UP_SECONDS + seconds)
    return len(cases) * len(servers) * 2 * (FIRST_WARM_UP_SECONDS + turns) / 60


def compare(cases: list[Case], servers: list[Pair], rounds: int, seconds: int) -> list[Row]:
    return [row for case in cases for pair in servers for row in compare_pair(case, pair, rounds, seconds)]


def compare_pair(case: Case, pair: Pair, rounds: int, seconds: int) -> list[Row]:
    results = Results()
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(start(server, case)) for server in (pair.before, pair.after)]
        before, after = (process.wait_for_plan() for process in processes)
        for turn in range(rounds):
            print(f"{case.name}, {pair.title}, round {turn + 1} of {rounds}", file=sys.stderr)
            for connections in CONNECTIONS:
                for process in processes:
                    take_turn(process, (connections,), seconds, results)
            processes.reverse()
    return [row_of(results, case, pair, connections, (before, after)) for connections in CONNECTIONS]


def row_of(results: Results, case: Case, pair: Pair, connections: int, plans: tuple[str, str]) -> Row:
    before, after = (results.rate(case.name, server.key, connections) for server in (pair.before, pair.after))
    return Row(case, pair, connections, before, after, results.ratios(case.name, pair.after.key, pair.before.key, connections), plans)


def markdown(rows: list[Row], bound: float, made_with: str) -> str:
    lines = [
        "# Two builds\n",
        f"{made_with} Ratios are of requests/s, medians of the rounds' own.\n",
        "| model | server | connections | before, requests/s | after | after / before | lowest, highest round | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row.case.title} | {row.pair.title} | {row.connections} | {number(row.before)} | {number(row.after)} | {row.ratio:.3f} "
            f"| {min(row.ratios):.3f}, {max(row.ratios):.3f} | {row.remarks(bound)} |")
    return "\n".join(lines) + "\n"
