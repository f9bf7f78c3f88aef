"""Messages/s through Azurite: this app, which predicts, beside a loop on the client library, which only receives and deletes."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

from cases import Case
from paths import AZURITE, BUILT
from servers import OURS, Process

BATCH_SIZES = (16, 32)
MESSAGES = 1000
# The key of Azurite's account, which its documentation publishes.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
# The number of Azurite's services: blob, queue and table.
SERVICES = 3


@dataclass
class Rates:
    """Messages/s of each round."""
    batch_size: int
    ours: list[float] = field(default_factory=list)
    sequential: list[float] = field(default_factory=list)
    parallel: list[float] = field(default_factory=list)
    answering: list[float] = field(default_factory=list)

    @property
    def threshold(self) -> int:
        return self.batch_size // 2

    @property
    def parallelism(self) -> int:
        """The number of messages that a Functions app processes at a time."""
        return self.batch_size + self.threshold


class Azurite:
    """A new Azurite in memory, so that neither the disk nor earlier messages affect the measurement."""

    def __enter__(self) -> dict[str, str]:
        """Starts Azurite, and returns the environment for a process that uses it."""
        ports = [argument for name in ("blob", "queue", "table") for argument in (f"--{name}Port", "0")]
        self._process = subprocess.Popen(
            ["node", "run.cjs", "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck", *ports],
            cwd=AZURITE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        found: dict[str, str] = {}
        while len(found) < SERVICES:
            line = self._process.stdout.readline()
            if not line:
                raise SystemExit("Azurite ended.")
            if match := re.search(r"Azurite (\w+) service is successfully listening at (\S+)", line):
                found[match.group(1)] = match.group(2)
        endpoints = "".join(f"{name}Endpoint={at}/devstoreaccount1;" for name, at in found.items())
        return {"AzureWebJobsStorage": f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};{endpoints}"}

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()


def measure(case: Case, rounds: int) -> list[Rates]:
    rates = [Rates(size) for size in BATCH_SIZES]
    for number in range(rounds):
        print(f"queue, round {number + 1} of {rounds}", file=sys.stderr)
        for row in rates:
            row.sequential.append(drain(case, "drain", 1))
            row.parallel.append(drain(case, "drain", row.parallelism))
            row.answering.append(drain(case, "answer", row.parallelism))
            row.ours.append(predict(case, row))
    return rates


def drain(case: Case, how: str, parallel: int) -> float:
    with Azurite() as storage:
        fill(case, storage)
        return float(tool(storage, how, str(MESSAGES), str(parallel)))


def predict(case: Case, row: Rates) -> float:
    settings = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": str(row.batch_size),
        "AzureFunctionsJobHost__extensions__queues__newBatchThreshold": str(row.threshold),
    }
    with Azurite() as storage:
        fill(case, storage)
        with Process(OURS, case, storage | settings):
            return float(tool(storage, "watch", str(MESSAGES)))


def fill(case: Case, storage: dict[str, str]) -> None:
    with tempfile.NamedTemporaryFile("w") as features:
        json.dump(case.features, features)
        features.flush()
        tool(storage, "fill", str(MESSAGES), features.name)


def tool(storage: dict[str, str], *arguments: str) -> str:
    result = subprocess.run(
        [BUILT / "queues" / "Queues", *arguments], env=os.environ | storage, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout


def markdown(rates: list[Rates], made_with: str) -> str:
    lines = [
        "# Queue\n",
        f"{made_with} {MESSAGES} digits messages through Azurite, in memory, on the same processors. This app: received, predicted, result "
        "blob and result message written, deleted. The loops on the client library receive 32 messages at a time and delete them; the last "
        "one also writes a blob and sends a message for each, which are the storage calls of a prediction.\n",
        "| batchSize | at a time | this app, messages/s | receive and delete, one at a time | as many at a time | with the app's storage calls |",
        "|---|---|---|---|---|---|",
    ]
    for row in rates:
        rates_of = (row.ours, row.sequential, row.parallel, row.answering)
        ours, sequential, parallel, answering = (statistics.median(values) for values in rates_of)
        lines.append(f"| {row.batch_size} | {row.parallelism} | {ours:,.0f} | {sequential:,.0f} | {parallel:,.0f} | {answering:,.0f} |")
    return "\n".join(lines) + "\n"
