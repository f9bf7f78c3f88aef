#!/usr/bin/env python3
"""Compares embeddings and ranks of this app with ONNX Runtime alone and with a Node service, in turns in one run.

    python3 bench/load/texts.py [--app artifacts/app/Functions] [--rounds 5] [--seconds 5]

embed   16 callers, one text a request of 8 to 256 tokens: embeddings/s.
rerank  one caller, 50 passages of 20 to 120 tokens: milliseconds (median).

Both also as milliseconds of the server's processor time for each text, which other load on the machine changes little.

The encoder has MiniLM's shape and random weights (make_encoder.py). ONNX Runtime alone runs the batches of similar length that this app
forms when the texts of 16 callers wait together, or those of the 50 passages, on as many threads as there are processors. Node runs
@huggingface/transformers. It needs what compare.py needs, and a published app.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import machine
from build import DEBIAN_PYTHON, publish_tool, run
from paths import APP, BUILT, LOAD, ROOT
from servers import free_port

ENCODERS = BUILT / "encoders"
NODE_TEXT = ROOT / "bench" / "peers" / "node-text"
CALLERS, TEXTS, PASSAGES = 16, 320, 50
MAX_TOKENS, MAX_PADDING = 512, 16
"""The limits of one run in this app."""
SPECIALS = {"embed": 2, "rerank": 3}
QUERY_WORDS = 8


class Server:
    def __init__(self, title: str, command: list[str], environment: dict[str, str], paths: dict[str, str]) -> None:
        self.title, self.paths, self.port = title, paths, free_port()
        self._process = subprocess.Popen(
            [part.replace("PORT", str(self.port)) for part in command], env=os.environ | environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while True:
            try:
                self.ask("rerank", json.dumps({"query": "w1", "texts": ["w2"]}))
                break
            except (ConnectionError, OSError):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise SystemExit(f"{title} does not listen.") from None
                time.sleep(0.1)

    def ask(self, call: str, body: str, connection: http.client.HTTPConnection | None = None) -> object:
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", self.paths[call], body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise SystemExit(f"{self.title} answers {response.status}: {content[:200]!r}")
        return json.loads(content)

    def processor_time(self) -> float:
        """Returns the processor time of the server in seconds."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def words(count: int, source: random.Random) -> str:
    return " ".join(f"w{source.randrange(30_000)}" for _ in range(count))


def batches(lengths: list[int]) -> list[list[int]]:
    """Groups lengths as the class LengthGroups does: batches of similar length."""
    groups: list[list[int]] = []
    for length in sorted(lengths, reverse=True):
        last = groups[-1] if groups else None
        if last and last[0] - length <= MAX_PADDING and (len(last) + 1) * last[0] <= MAX_TOKENS and len(last) < 32:
            last.append(length)
        else:
            groups.append([length])
    return groups


def raw(model: str, groups: list[list[int]], seconds: float) -> tuple[float, float]:
    """Returns texts/s, and milliseconds of processor time per text."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(groups, file)
        file.flush()
        command = [str(BUILT / "tokens" / "Tokens"), str(ENCODERS / model / "onnx" / "model.onnx"), file.name, str(seconds)]
        rate, processor = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        return float(rate), float(processor)


def embed_rate(server: Server, texts: list[str], seconds: float) -> tuple[float, float]:
    """Returns embeddings/s, and milliseconds of processor time per embedding."""
    bodies, counts, end = [json.dumps({"inputs": text}) for text in texts], [0] * CALLERS, time.monotonic() + seconds

    def call(caller: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        at = caller * len(bodies) // CALLERS
        while time.monotonic() < end:
            server.ask("embed", bodies[at % len(bodies)], connection)
            at += 1
            counts[caller] += 1

    started, before = time.monotonic(), server.processor_time()
    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started), 1000 * (server.processor_time() - before) / sum(counts)


def warm_up(server: Server) -> None:
    """Sends load until the processor time per embedding stops falling. This app examines its models in this time."""
    source, before = random.Random(1), float("inf")
    texts = [words(source.randrange(6, 255), source) for _ in range(CALLERS)]
    for _ in range(20):
        _, processor = embed_rate(server, texts, 10)
        if processor > 0.95 * before:
            return
        before = processor


def rerank_time(server: Server, body: str, seconds: float) -> tuple[float, float]:
    """Returns the median latency in milliseconds, and milliseconds of processor time per passage."""
    before = server.processor_time()
    connection, times, end = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120), [], time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        server.ask("rerank", body, connection)
        times.append(1000 * (time.monotonic() - started))
    return statistics.median(times), 1000 * (server.processor_time() - before) / len(times) / PASSAGES


def compare(ours: Server, node: Server, rounds: int, seconds: float) -> None:
    source = random.Random(20)
    counts = [source.randrange(8, 257) for _ in range(TEXTS)]
    texts = [words(count - SPECIALS["embed"], source) for count in counts]
    passages = [source.randrange(20, 121) for _ in range(PASSAGES)]
    body = json.dumps({"query": words(QUERY_WORDS, source), "texts": [words(count, source) for count in passages]})
    waiting = [group for at in range(0, TEXTS, CALLERS) for group in batches(counts[at:at + CALLERS])]
    pairs = batches([count + QUERY_WORDS + SPECIALS["rerank"] for count in passages])
    check(ours, node, texts[:4], body)
    embedded, ranked = [], []
    for _ in range(rounds):
        embedded.append((raw("embedder", waiting, seconds), embed_rate(ours, texts, seconds), embed_rate(node, texts, seconds)))
        rate, processor = raw("ranker", pairs, seconds)
        ranked.append(((1000 * PASSAGES / rate, processor), rerank_time(ours, body, seconds), rerank_time(node, body, seconds)))
    print("| | ONNX Runtime alone | this app | Node | of ONNX Runtime | of Node |\n|---|---|---|---|---|---|")
    report("embeddings/s", [[value[0] for value in row] for row in embedded], is_rate=True)
    report("the same, ms of processor time", [[value[1] for value in row] for row in embedded])
    report("rerank of 50, ms", [[value[0] for value in row] for row in ranked])
    report("the same, ms of processor time a passage", [[value[1] for value in row] for row in ranked])


def report(title: str, rows: list[list[float]], is_rate: bool = False) -> None:
    """Prints the medians, and the medians of the ratios of the rounds. Above 1, this app is faster."""
    values = [statistics.median(column) for column in zip(*rows)]
    ratios = [statistics.median(row[1] / row[other] if is_rate else row[other] / row[1] for row in rows) for other in (0, 2)]
    print(f"| {title} | {values[0]:.1f} | {values[1]:.1f} | {values[2]:.1f} | {ratios[0]:.2f} | {ratios[1]:.2f} |", flush=True)


def check(ours: Server, node: Server, texts: list[str], body: str) -> None:
    """Checks that both servers return the same numbers."""
    for text in texts:
        left, right = (server.ask("embed", json.dumps({"inputs": text}))[0] for server in (ours, node))
        if any(abs(a - b) > 1e-4 for a, b in zip(left, right, strict=True)):
            raise SystemExit("The embeddings differ.")
    left, right = ({row["index"]: row["score"] for row in server.ask("rerank", body)} for server in (ours, node))
    if any(abs(left[index] - right[index]) > 1e-4 for index in left):
        raise SystemExit("The scores differ.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", default=str(APP / "Functions"), help="the program of this app")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    options = parser.parse_args()
    print(machine.describe())
    if not options.no_build:
        publish_tool("tokens")
        run("npm", "ci", "--silent", "--prefix", str(NODE_TEXT))
        run(DEBIAN_PYTHON, str(LOAD / "make_encoder.py"), str(ENCODERS))
    machine.bind()
    with tempfile.TemporaryDirectory() as cache:
        servers = [
            Server("This app", [options.app, "--urls", "http://127.0.0.1:PORT"],
                   {"Models__Source": str(ENCODERS), "Models__CacheDirectory": cache},
                   {"embed": "/models/embedder/embed", "rerank": "/models/ranker/rerank"}),
            Server("Node", ["node", str(NODE_TEXT / "server.js"), "PORT", str(ENCODERS)], {}, {"embed": "/", "rerank": "/"})]
        try:
            for server in servers:
                warm_up(server)
            compare(*servers, options.rounds, options.seconds)
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    main()
