"""Writes the comparison as Markdown."""

from cases import Case
from goals import GOALS
from servers import Server
from throughput import CONNECTIONS, RAW_BATCHES, Results


def markdown(results: Results, cases: list[Case], servers: list[Server], made_with: str) -> str:
    parts = ["# Load comparison", made_with, "![Requests per second](load.svg)"]
    goals = [row for goal in GOALS if (row := goal.row(results))]
    if goals:
        parts.append("\n".join(["| ratio, median of the rounds | goal | measured | met |", "|---|---|---|---|", *goals]))
    parts += [table(results, case, servers) for case in cases]
    return "\n\n".join(parts) + "\n"


def table(results: Results, case: Case, servers: list[Server]) -> str:
    raw = ", ".join(f"{number(results.raw_rate(case.name, batch))} items/s at batch {batch}" for batch in RAW_BATCHES)
    lines = [
        f"## {case.title}\n",
        f"ONNX Runtime alone, in process: {raw}.\n",
        "| connections | server | requests/s | slowest, fastest round | p50 | p99 |",
        "|---|---|---|---|---|---|",
    ]
    for connections in CONNECTIONS:
        for server in servers:
            key = (case.name, server.key, connections)
            rates = [load.rate for load in results.loads[key]]
            lines.append(
                f"| {connections} | {server.title} | {number(results.rate(*key))} | {number(min(rates))}, {number(max(rates))} "
                f"| {milliseconds(results.p50(*key))} | {milliseconds(results.p99(*key))} |")
    return "\n".join(lines)


def number(value: float) -> str:
    return f"{value:,.0f}"


def milliseconds(value: float) -> str:
    return f"{value:.3f} ms" if value < 1 else f"{value:.1f} ms"
