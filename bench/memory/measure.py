#!/usr/bin/env python3
"""Compares what the memory profiles of model.json cost and give: resident memory, and requests/s at 1 and 16 connections.

    python3 bench/memory/measure.py

publishes the native executable and makes the models of bench/load (it needs what that needs: Debian's wrk, python3-onnx and
python3-numpy). Each profile first serves each model once until its plan and optimized graph are in the profile's own cache. Then, in every
round, each profile has its turn with each model, in a changing order: a fresh process answers one request (resident memory "loaded"), is
warmed up, and is loaded by wrk with 1 and then 16 connections (resident memory "after load"). The report goes to bench/results.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "load"))

import build
import machine
from cases import Case, prepare
from load import load, warm_up
from paths import APP, BUILT, MODELS, RESULTS, ROOT
from servers import SERVERS, Process

PROFILES = ("latency", "balanced", "lean")
# The base of the ratios: the profile of models that set none.
DEFAULT = "balanced"
NAMES = ("resnet", "wide")
CONNECTIONS = (1, 16)
WORK = BUILT / "memory"
BINARY = next(server for server in SERVERS if server.key == "ours-binary")
SETTLE_SECONDS = 1
MEGABYTE = 1e6

Samples = dict[tuple[str, str, str], list[float]]


def main() -> None:
    options = parse()
    made_with = machine.describe()
    if not options.no_build:
        build.publish_app(ROOT, APP)
        build.publish_tool("raw")
        build.make_models()
    machine.bind()
    cases = [prepare(name) for name in NAMES]
    for profile in PROFILES:
        for case in cases:
            configure(profile, case)
            with start(profile, case) as process:
                process.wait_for_plan()
    samples: Samples = defaultdict(list)
    for number in range(options.rounds):
        for case in cases:
            for turn in range(len(PROFILES)):
                profile = PROFILES[(number + turn) % len(PROFILES)]
                measure(profile, case, options.seconds, samples)
                print(f"round {number + 1}: {case.name}, {profile}", file=sys.stderr)
    text = report(cases, samples, f"{made_with} Medians of {options.rounds} rounds of {options.seconds} s.")
    (RESULTS / "memory-profiles.md").write_text(text, encoding="utf-8")
    print(text)


def configure(profile: str, case: Case) -> None:
    folder = WORK / profile / case.name
    (folder / "1").mkdir(parents=True, exist_ok=True)
    (folder / "1" / "model.onnx").write_bytes((MODELS / case.name / "1" / "model.onnx").read_bytes())
    (folder / "model.json").write_text(json.dumps({"execution": {"memoryProfile": profile}, "batching": {"contract": "declared"}}), encoding="utf-8")


def start(profile: str, case: Case) -> Process:
    return Process(dataclasses.replace(BINARY, models=WORK / profile, cache=WORK / "cache" / profile), case)


def measure(profile: str, case: Case, seconds: int, samples: Samples) -> None:
    with start(profile, case) as process:
        time.sleep(SETTLE_SECONDS)
        samples[profile, case.name, "loaded"].append(resident(process))
        for connections in CONNECTIONS:
            warm_up(process, connections, 1)
            measured = load(process, connections, seconds)
            samples[profile, case.name, f"rate{connections}"].append(measured.rate)
            samples[profile, case.name, f"p50{connections}"].append(measured.p50)
        time.sleep(SETTLE_SECONDS)
        samples[profile, case.name, "after load"].append(resident(process))
        process.check()


def resident(process: Process) -> float:
    """Returns the resident memory in megabytes."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))) * 1024 / MEGABYTE


def report(cases: list[Case], samples: Samples, made_with: str) -> str:
    lines = ["# Memory profiles", "", made_with, "Binary tensors, one item a request. Ratios are to " + DEFAULT + ", the default, in the same run.", ""]
    for case in cases:
        lines += [
            f"## {case.title}", "",
            "| profile | resident, loaded | resident, after load | requests/s, 1 connection | 16 connections | p50, 1 connection |",
            "|---|---|---|---|---|---|"]
        lines += [row(profile, case, samples) for profile in PROFILES] + [""]
    return "\n".join(lines)


def row(profile: str, case: Case, samples: Samples) -> str:
    def cell(measure: str, unit: str, digits: int = 0) -> str:
        values = samples[profile, case.name, measure]
        ratio = statistics.median(values) / statistics.median(samples[DEFAULT, case.name, measure])
        spread = f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"
        return f"{statistics.median(values):,.{digits}f}{unit} ({spread}; x {ratio:.2f})"

    cells = [cell("loaded", " MB"), cell("after load", " MB"), cell("rate1", ""), cell("rate16", ""), cell("p501", " ms", 2)]
    return f"| {profile} | " + " | ".join(cells) + " |"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=int, default=4, help="of each load, default 4")
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    return parser.parse_args()


if __name__ == "__main__":
    main()
