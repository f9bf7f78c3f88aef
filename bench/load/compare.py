#!/usr/bin/env python3
"""Compares this app under load with what one would write instead of it, or with another build of it, all in one run on the same two
processors.

    python3 bench/load/compare.py [throughput|overload|disconnect|queue]
    python3 bench/load/compare.py builds --before <revision or folder> [--after <revision or folder>]

throughput  requests/s and latency of this app (JSON with and without a batch contract, binary, gRPC), a no-op Kestrel, a plain
            ASP.NET Core and a plain Node service, and ONNX Runtime alone in a loop, at 1, 16 and 64 connections: medians of the rounds,
            in each of which every server has its turn. wrk, and h2load for gRPC, post one item a request. Every answer must be a
            success, and one of each turn is compared with ONNX Runtime's own.
overload    ten times as many requests as it can serve, sent whether answers come or not.
disconnect  how long the process computes on after the caller of a large batch has left.
queue       messages/s through Azurite, beside a loop that only receives and deletes them.
builds      requests/s of two builds of this app, measured and checked as in throughput. The builds alternate in every round, and each
            has its own cache. Rows with a median ratio below --bound are marked, and the exit code is then 1. The app of a git revision
            is published from a temporary worktree. By default: digits and wide, JSON with and without a batch contract, five rounds.

With the defaults throughput takes 51 minutes, builds ten (publishing apart), queue some 5, and the others one. It needs the
.NET SDK, npm, and from Debian wrk, nghttp2-client, python3-onnx and python3-numpy. The report goes to bench/results.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Callable

import builds
import disconnect
import machine
import overload
import plot
import queues
import report
import throughput
from build import build_all, make_models, publish_tool
from cases import TITLES, prepare
from paths import CACHE, RESULTS
from servers import SERVERS


def main() -> None:
    options = parse()
    # The load average is read before the builds, because they are a load themselves.
    made_with = machine.describe()
    if not options.no_build:
        build(options)
    machine.bind()
    # Deletes plans of earlier runs, which may have been measured on a busier machine.
    shutil.rmtree(CACHE, ignore_errors=True)
    options.output.mkdir(parents=True, exist_ok=True)
    MODES[options.mode](options, made_with)


def build(options: argparse.Namespace) -> None:
    if options.mode != "builds":
        build_all()
        return
    publish_tool("raw")
    make_models()
    options.before.publish()
    options.after.publish()


def run_throughput(options: argparse.Namespace, made_with: str) -> None:
    cases = [prepare(name) for name in options.models or ["digits", "resnet", "wide", "ocr"]]
    servers = [server for server in SERVERS if server.key in (options.servers or KEYS)]
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


def run_builds(options: argparse.Namespace, made_with: str) -> None:
    cases = [prepare(name) for name in options.models or builds.DEFAULT_MODELS]
    servers = [server for server in SERVERS if server.key in (options.servers or builds.DEFAULT_SERVERS)]
    pairs = builds.pairs(servers, options.before, options.after)
    print(f"About {builds.minutes(cases, pairs, options.rounds, options.seconds):.0f} minutes.", file=sys.stderr)
    rows = builds.compare(cases, pairs, options.rounds, options.seconds)
    made_with = (f"{made_with} Before is {options.before.title}, after is {options.after.title}. "
                 f"Medians of {options.rounds} rounds of {options.seconds} s; one item a request.")
    write(options.output / "builds.md", builds.markdown(rows, options.bound, made_with))
    if below := sum(row.ratio < options.bound for row in rows):
        raise SystemExit(f"{below} of {len(rows)} ratios are below {options.bound:g}.")


KEYS = [server.key for server in SERVERS]
MODES: dict[str, Callable[[argparse.Namespace, str], None]] = {
    "throughput": run_throughput, "overload": run_overload, "disconnect": run_disconnect, "queue": run_queue,
    "builds": run_builds,
}


def write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    if path.suffix == ".md":
        print(content)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=MODES, default="throughput")
    parser.add_argument("--models", type=names(TITLES), help=f"of {','.join(TITLES)}")
    parser.add_argument("--servers", type=names(KEYS),
                        help=f"throughput and builds only: of {','.join(KEYS)}; default of builds {','.join(builds.DEFAULT_SERVERS)}")
    parser.add_argument("--before", type=builds.find, help="builds only, required: a git revision or a folder with a published app")
    parser.add_argument("--after", type=builds.find, default=builds.WORKING_TREE, help="builds only: the same, default the working tree")
    parser.add_argument("--bound", type=float, default=0.97, help="builds only: the lowest median ratio that passes, default 0.97")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=int, help=f"of each measurement, default 5, of builds {builds.DEFAULT_SECONDS}")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    options = parser.parse_args()
    options.seconds = options.seconds or (builds.DEFAULT_SECONDS if options.mode == "builds" else 5)
    if options.mode == "builds":
        check_builds(parser, options)
    return options


def check_builds(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not options.before:
        parser.error("builds needs --before")
    if options.before.folder == options.after.folder:
        parser.error(f"--before and --after are both the app in {options.after.folder}")
    if peers := [server.key for server in SERVERS if server.key in (options.servers or []) and not server.is_ours]:
        parser.error(f"{', '.join(peers)}: builds compares this app only")


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
