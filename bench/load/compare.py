#!/usr/bin/env python3
"""Compares this app under load with what one would write instead of it, all in one run on the same two processors.

    python3 bench/load/compare.py [throughput|overload|disconnect|queue]

throughput  requests/s and latency of this app (JSON with and without a batch contract, binary, gRPC), a no-op Kestrel, a plain ASP.NET Core and a plain Node service, and
            ONNX Runtime alone in a loop, at 1, 16 and 64 connections: medians of the rounds, in each of which every server has its turn.
            wrk, and h2load for gRPC, post one item a request. Every answer must be a success, and one of each turn is compared with ONNX Runtime's own.
overload    ten times as many requests as it can serve, sent whether answers come or not.
disconnect  how long the process computes on after the caller of a large batch has left.
queue       messages/s through Azurite, beside a loop that only receives and deletes them.

With the defaults throughput takes 51 minutes and queue some 5, the others one. It needs the .NET SDK, npm, and from Debian
wrk, nghttp2-client, python3-onnx and python3-numpy. The report goes to bench/results.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Callable

import disconnect
import machine
import overload
import plot
import queues
import report
import throughput
from build import build_all
from cases import TITLES, prepare
from paths import CACHE, RESULTS
from servers import SERVERS


def main() -> None:
    options = parse()
    # Before the builds, which are a load themselves.
    made_with = machine.describe()
    if not options.no_build:
        build_all()
    machine.bind()
    # Plans that were measured in other, perhaps busier times.
    shutil.rmtree(CACHE, ignore_errors=True)
    options.output.mkdir(parents=True, exist_ok=True)
    MODES[options.mode](options, made_with)


def run_throughput(options: argparse.Namespace, made_with: str) -> None:
    cases = [prepare(name) for name in options.models or ["digits", "resnet", "wide", "ocr"]]
    servers = [server for server in SERVERS if server.key in options.servers]
    minutes = throughput.minutes(cases, servers, options.rounds, options.seconds)
    print(f"About {minutes:.0f} minutes.", file=sys.stderr)
    results = throughput.compare(cases, servers, options.rounds, options.seconds)
    made_with = f"{made_with} Medians of {options.rounds} rounds of {options.seconds} s; one item a request."
    write(options.output / "load.svg", plot.svg(results, cases, servers))
    write(options.output / "load.md", report.markdown(results, cases, servers, made_with))


def run_overload(options: argparse.Namespace, made_with: str) -> None:
    rows = [overload.measure(prepare(name), options.seconds) for name in options.models or ["ocr"]]
    write(options.output / "overload.md", overload.markdown(rows, made_with))


def run_disconnect(options: argparse.Namespace, made_with: str) -> None:
    rows = [disconnect.measure(prepare(name), options.rounds) for name in options.models or ["resnet"]]
    write(options.output / "disconnect.md", disconnect.markdown(rows, made_with))


def run_queue(options: argparse.Namespace, made_with: str) -> None:
    write(options.output / "queue.md", queues.markdown(queues.measure(prepare("digits"), options.rounds), made_with))


MODES: dict[str, Callable[[argparse.Namespace, str], None]] = {
    "throughput": run_throughput, "overload": run_overload, "disconnect": run_disconnect, "queue": run_queue,
}


def write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    if path.suffix == ".md":
        print(content)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=MODES, default="throughput")
    parser.add_argument("--models", type=names(TITLES), help=f"of {','.join(TITLES)}")
    parser.add_argument("--servers", type=names(server.key for server in SERVERS), default=[server.key for server in SERVERS],
                        help="throughput only: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement, default 5")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    return parser.parse_args()


def names(known: object) -> Callable[[str], list[str]]:
    allowed = list(known)

    def split(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(allowed):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(allowed)}")
        return chosen

    return split


if __name__ == "__main__":
    main()
