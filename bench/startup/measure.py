#!/usr/bin/env python3
"""Measures whole processes from their start to their first answered prediction, and prints a Markdown table.

    python3 bench/startup/measure.py

publishes the native executable and the peer (bench/peers/aspnet, a plain ASP.NET Core service on the JIT), then starts each of
them 20 times, in turn, so that a busy moment of the machine meets both. The clock runs from before the process is created until the
whole answer to POST /models/digits/predict has arrived with status 200. Resident memory is VmRSS right after that answer. One
start of each comes first and is not counted: all files are in the page cache afterwards, as they are on a machine that
has run the app before. Nothing is configured: the processes get PATH and HOME and no other variable, but for the second row, in
which storage and all exporters are configured. Nothing answers at their addresses: what is measured is what they cost the start.
"""

import argparse
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODELS = os.path.join(ROOT, "models")
DIGITS_TEST = os.path.join(MODELS, "recipes", "digits-test.csv")
LIMIT_SECONDS = 30
# Much shorter than a start, and long enough to leave the processors to the process.
POLL_SECONDS = 0.0005
EVERYTHING = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
    "APPLICATIONINSIGHTS_CONNECTION_STRING":
        "InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=http://127.0.0.1:1/",
}


class Server:
    def __init__(self, name, folder, executable, arguments=(), settings=None):
        self.name = name
        self.folder = os.path.join(ROOT, folder)
        self.command = [os.path.join(self.folder, executable), *arguments]
        self.settings = settings or {}
        self.milliseconds = []
        self.resident = []

    def folder_bytes(self):
        return sum(os.path.getsize(os.path.join(at, file)) for at, _, files in os.walk(self.folder) for file in files)


def publish(project, output):
    subprocess.run(
        ["dotnet", "publish", project, "-c", "Release", "-r", f"linux-{arch()}", "-o", output, "--nologo", "-v", "quiet"]
        + ([] if project == "src/Functions" else ["--no-self-contained"]),
        cwd=ROOT, check=True, stdout=sys.stderr)


def arch():
    return {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]


def digits_request():
    """Returns the request for the first test image. The class is the first column of the line."""
    with open(DIGITS_TEST, encoding="utf-8") as file:
        rows = [line.strip().split(",") for line in file if line[0].isdigit()]
    body = '{"features":[%s]}' % ",".join(rows[0][1:65])
    return ("POST /models/digits/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}").encode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, request):
    """Returns the whole response; None while no process listens."""
    with socket.socket() as client:
        client.settimeout(LIMIT_SECONDS)
        if client.connect_ex(("127.0.0.1", port)) != 0:
            return None
        client.sendall(request)
        answer = b""
        while part := client.recv(65536):
            answer += part
        return answer


def start(server, request, directory):
    """Starts the server once. Returns the milliseconds to the first 200 response, and the resident kilobytes after it."""
    port = free_port()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment.update(server.settings)
    command = server.command + ["--urls", f"http://127.0.0.1:{port}"]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while (answer := ask(port, request)) is None:
            if process.poll() is not None or time.perf_counter() - began > LIMIT_SECONDS:
                raise SystemExit(f"{server.name} does not listen: {' '.join(command)}")
            time.sleep(POLL_SECONDS)
        milliseconds = (time.perf_counter() - began) * 1000
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{server.name} answers {answer[:200]!r}")
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return milliseconds, resident
    finally:
        process.terminate()
        process.wait()


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return (f"{os.cpu_count()} cores, {models[0] if models else platform.machine()}, Linux {platform.release()}, "
            f"load average {os.getloadavg()[0]:.1f} before")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--no-publish", action="store_true", help="measure what was published before")
    options = parser.parse_args()

    native = Server("this app, native", "artifacts/app", "Functions")
    configured = Server("this app, native, everything configured", "artifacts/app", "Functions", settings=EVERYTHING)
    peer = Server("plain ASP.NET Core, JIT", "artifacts/bench/aspnet", "AspnetPeer", ["--Models:Source", MODELS])
    if not options.no_publish:
        publish("src/Functions", native.folder)
        publish("bench/peers/aspnet", peer.folder)

    request = digits_request()
    where = machine()
    with tempfile.TemporaryDirectory() as directory:
        for run in range(options.runs + 1):
            for server in (native, configured, peer):
                milliseconds, resident = start(server, request, directory)
                if run > 0:
                    server.milliseconds.append(milliseconds)
                    server.resident.append(resident)

    print(f"Medians of {options.runs} starts on {where}.\n")
    print("| | start to first prediction | fastest, slowest | resident after it | folder |")
    print("|---|---|---|---|---|")
    for server in (native, configured, peer):
        times = server.milliseconds
        note = "" if server is not peer else " and the .NET runtime"
        print(f"| {server.name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms, {max(times):.0f} ms "
              f"| {statistics.median(server.resident) / 1000:.0f} MB | {server.folder_bytes() / 1e6:.0f} MB{note} |")
    ratio = statistics.median(native.milliseconds) / statistics.median(peer.milliseconds)
    print(f"| ratio | {ratio:.2f} | | {statistics.median(native.resident) / statistics.median(peer.resident):.2f} | |")


if __name__ == "__main__":
    main()
