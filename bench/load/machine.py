"""Describes the machine and the versions of a measurement."""

import json
import os
import platform
import re
import subprocess

from paths import NODE_PEER, ROOT

CORES = 2


def bind() -> None:
    """Binds this process and all later child processes to the first two processors: servers, peers and load generators."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def describe() -> str:
    """Returns one paragraph of Markdown."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        processors = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    one, five, fifteen = os.getloadavg()
    return (
        f"{processors[0] if processors else platform.machine()}, {CORES} of {os.cpu_count()} processors for servers and load generator "
        f"together, Linux {platform.release()}, load average {one:.2f} {five:.2f} {fifteen:.2f} at the start. "
        f"Commit {commit()}, {', '.join(f'{name} {version}' for name, version in versions().items())}.")


def versions() -> dict[str, str]:
    packages = (ROOT / "Directory.Packages.props").read_text(encoding="utf-8")
    runtimes = re.findall(r"Microsoft\.AspNetCore\.App (\S+)", output("dotnet", "--list-runtimes"))
    node_peer = json.loads((NODE_PEER / "package.json").read_text(encoding="utf-8"))
    return {
        ".NET SDK": output("dotnet", "--version"),
        "ASP.NET Core": runtimes[-1],
        "ONNX Runtime": found(r'"Microsoft\.ML\.OnnxRuntime" Version="([^"]+)"', packages),
        "Node.js": output("node", "--version").removeprefix("v"),
        "onnxruntime-node": node_peer["dependencies"]["onnxruntime-node"],
        "h2load": found(r"nghttp2/(\S+)", output("h2load", "--version")),
        "wrk": found(r"wrk (?:debian/)?(\S+)", output("wrk", "--version")),
    }


def commit() -> str:
    return output("git", "describe", "--always", "--dirty")


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match.group(1) if match else "?"


def output(*command: str) -> str:
    # The exit code is not checked, because wrk exits with 1 after it has printed its version.
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
