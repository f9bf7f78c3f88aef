#!/usr/bin/env python3
"""What telemetry costs under load: the published app, digits, 16 connections, in turns plain, scraped each second, and with every request traced.

    python3 bench/telemetry/load.py [rounds] [seconds]      (artifacts/app; needs wrk)

The collector that the traces go to is this process, which reads and forgets them, on the same processors.
"""

import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = Path(os.environ.get("APP", ROOT / "artifacts" / "app"))
BODY = json.dumps({"features": [float(value) for value in (ROOT / "models" / "recipes" / "digits-test.csv").read_text().splitlines()[0].split(",")[1:]]})


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    taken = 0

    def do_POST(self):
        Collector.taken += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def start(port: int, **settings: str) -> subprocess.Popen:
    server = subprocess.Popen([str(APP / "Functions"), "--urls", f"http://127.0.0.1:{port}"], env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready").read()
            return server
        except OSError:
            time.sleep(0.01)


def load(port: int, seconds: int, body: str) -> dict:
    command = ["wrk", "-t", "2", "-c", "16", "-d", f"{seconds}s", "-s", str(ROOT / "bench" / "load" / "post.lua"),
               "-H", "Content-Type: application/json", f"http://127.0.0.1:{port}/models/digits/predict", "--", body]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1])
    if any(told["errors"].values()):
        raise SystemExit(f"{told['errors']}")
    return told


def scraped(port: int, seconds: int, body: str) -> dict:
    over = threading.Event()

    def scrape():
        while not over.wait(1):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        return load(port, seconds, body)
    finally:
        over.set()
        thread.join()


def main(rounds: int = 7, seconds: int = 5) -> None:
    collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    servers = [start(7471), start(7472, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}", OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf")]
    turns = {"plain": (load, 7471), "scraped each second": (scraped, 7471), "every request traced": (load, 7472)}
    measured = {name: [] for name in turns}
    try:
        with tempfile.NamedTemporaryFile("w") as body:
            body.write(BODY)
            body.flush()
            for _, port in turns.values():
                load(port, 3, body.name)
            for _ in range(rounds):
                for name, (run, port) in turns.items():
                    measured[name].append(run(port, seconds, body.name))
    finally:
        for server in servers:
            server.terminate()
            server.wait()

    print(f"{rounds} rounds of {seconds} s, load average {os.getloadavg()[0]:.1f}, {Collector.taken / 1e6:.0f} MB of traces taken")
    rates = {name: [told["requests"] / told["microseconds"] * 1e6 for told in told_all] for name, told_all in measured.items()}
    for name, told_all in measured.items():
        ratio = statistics.median(rate / plain for rate, plain in zip(rates[name], rates["plain"]))
        p99 = statistics.median(told["p99"] for told in told_all) / 1000
        print(f"{name:22} {statistics.median(rates[name]):8.0f} requests/s  {ratio:.2f} of plain  p99 {p99:.2f} ms")


main(*map(int, sys.argv[1:3]))
