"""Starts the compared servers as processes of their own."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from cases import Case
from paths import APP, BUILT, CACHE, MODELS, MODELS_AS_SENT, NODE_PEER
from protocols import BINARY, GRPC, PREDICT, Protocol, Request, check

START_SECONDS = 30
POLL_SECONDS = 0.01
PREPARED_SECONDS = 300


def ours(folder: Path, case: Case, port: int) -> list[str]:
    return [str(folder / "Functions"), "--urls", f"http://127.0.0.1:{port}"]


def ours_grpc(folder: Path, case: Case, port: int) -> list[str]:
    return [str(folder / "Functions"), "--urls", "http://127.0.0.1:0", "--grpc-urls", f"http://127.0.0.1:{port}"]


def noop(folder: Path, case: Case, port: int) -> list[str]:
    return [str(folder / "NoopPeer"), str(port), str(answer_path(case))]


def aspnet(folder: Path, case: Case, port: int) -> list[str]:
    return [
        str(folder / "AspnetPeer"), "--urls", f"http://127.0.0.1:{port}", "--Models:Source", str(MODELS), "--Model", case.name,
        # As in the template's appsettings.json, so that requests are not logged.
        "--Logging:LogLevel:Microsoft.AspNetCore", "Warning"]


def node(folder: Path, case: Case, port: int) -> list[str]:
    return ["node", str(folder / "server.js"), str(port), case.name, str(MODELS / case.name / "1" / "model.onnx")]


@dataclass(frozen=True)
class Server:
    key: str
    title: str
    command: Callable[[Path, Case, int], list[str]]
    folder: Path
    """The folder of the program; the first argument of the command function."""
    protocol: Protocol = PREDICT
    models: Path = MODELS
    cache: Path = CACHE

    @property
    def is_ours(self) -> bool:
        return self.command in (ours, ours_grpc)

    def cache_of(self, case: Case) -> Path:
        """Returns the folder in which this app caches the model's optimized graph and plan."""
        return self.cache / case.name


OURS = Server("ours-json", "this app, JSON", ours, APP)
SERVERS = [
    Server("noop", "no-op Kestrel", noop, BUILT / "noop"),
    OURS,
    Server("ours-sent", "this app, JSON, without model.json", ours, APP, models=MODELS_AS_SENT),
    Server("ours-binary", "this app, binary", ours, APP, BINARY),
    Server("ours-grpc", "this app, gRPC", ours_grpc, APP, GRPC),
    Server("aspnet", "ASP.NET Core + ORT", aspnet, BUILT / "aspnet"),
    Server("node", "Node + ORT", node, NODE_PEER),
]
PEERS = ("aspnet", "node")


class Process:
    """A running server that has responded correctly to one request."""

    def __init__(self, server: Server, case: Case, environment: dict[str, str] | None = None) -> None:
        self.server = server
        self.case = case
        self.port = free_port()
        self.request = server.protocol.request(case)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            server.command(server.folder, case, self.port), cwd=tempfile.gettempdir(),
            env=kept | {"Models__Source": str(server.models), "Models__CacheDirectory": str(server.cache_of(case))} | (environment or {}),
            stdout=self._log, stderr=subprocess.STDOUT)
        try:
            self._wait()
            self.check()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        headers, body = self.call(self.request) if self.server.protocol.is_grpc else self.ask(self.request)
        check(self.case, self.server.protocol.values(headers, body))

    def ask(self, request: Request) -> tuple[dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        connection.request("POST", request.path, request.body, request.headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200:
            raise SystemExit(f"{self.server.title} answers {response.status} to {request.path}: {body[:500]!r}")
        return {name.lower(): value for name, value in response.getheaders()}, body

    def call(self, request: Request) -> tuple[dict[str, str], bytes]:
        """Over HTTP/2, which Python's library does not speak. What follows the answer is checked by its reader: a failed call has none."""
        command = ["curl", "--silent", "--show-error", "--http2-prior-knowledge", "--data-binary", "@-", f"http://127.0.0.1:{self.port}{request.path}"]
        for name, value in request.headers.items():
            command += ["--header", f"{name}: {value}"]
        return {}, subprocess.run(command, check=True, input=request.body, capture_output=True).stdout

    def wait_for_plan(self) -> str:
        """Waits until this app's cache has the model's plan, and returns it. Before that, the process measures the model itself."""
        cache = self.server.cache_of(self.case)
        deadline = time.monotonic() + PREPARED_SECONDS
        while not (plans := [plan for entry in cache.glob("optimized/*.entry") if (plan := _plan(entry))]):
            if time.monotonic() > deadline:
                raise SystemExit(f"{cache} has no plan after {PREPARED_SECONDS} s.")
            time.sleep(POLL_SECONDS)
        return plans[0]

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._log.seek(0)
                raise SystemExit(f"{self.server.title} does not listen:\n{self._log.read().decode(errors='replace')}")
            time.sleep(POLL_SECONDS)


def answer_path(case: Case) -> Path:
    return BUILT / f"{case.name}.answer.json"


def keep_answer(case: Case) -> None:
    """Saves this app's response for the no-op server."""
    with Process(OURS, case) as process:
        answer_path(case).write_bytes(process.ask(process.request)[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _plan(entry: Path) -> str | None:
    """
    An entry is key, hash of the graph, threads, largest batch, verdict on batching, external files; a dash stands for what is not known.
    A model with a declared contract has no verdict.
    """
    _, _, threads, largest, *_ = entry.read_text(encoding="ascii").split()
    return None if threads == "-" else f"threads {threads}, largest batch {largest}"
