"""How an item is sent and how its answer is read."""

import json
import math
from array import array
from dataclasses import dataclass
from typing import Callable, Mapping

from cases import Case

HEADER_LENGTH = "Inference-Header-Content-Length"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Protocol:
    request: Callable[[Case], Request]
    """Headers, by lower-case name, and body to the numbers of the answer."""
    values: Callable[[Mapping[str, str], bytes], list[float]]


def predict_request(case: Case, items: int = 1) -> Request:
    # As a browser writes them: a whole number has no ".0".
    item = [int(value) if value.is_integer() else value for value in case.features]
    body = json.dumps({"features": item if items == 1 else [item] * items}, separators=(",", ":"))
    return Request(f"/models/{case.name}/predict", {"Content-Type": "application/json"}, body.encode())


def predict_values(_: Mapping[str, str], body: bytes) -> list[float]:
    return json.loads(body)["predictions"][0]


def binary_request(case: Case) -> Request:
    """The Open Inference Protocol's binary extension: a JSON header, then the numbers as they are in memory."""
    data = array("f", case.features).tobytes()
    head = json.dumps({
        "inputs": [{"name": case.input, "shape": case.shape, "datatype": "FP32", "parameters": {"binary_data_size": len(data)}}],
        "parameters": {"binary_data_output": True},
    }, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Request(f"/v2/models/{case.name}/infer", headers, head + data)


def binary_values(headers: Mapping[str, str], body: bytes) -> list[float]:
    values = array("f")
    values.frombytes(body[int(headers[HEADER_LENGTH.lower()]):])
    return values.tolist()


PREDICT = Protocol(predict_request, predict_values)
BINARY = Protocol(binary_request, binary_values)


def check(case: Case, values: list[float]) -> None:
    """Batches and other builds of ONNX Runtime round differently; anything more is a wrong answer."""
    close = len(values) == len(case.answer) and all(
        math.isclose(value, expected, rel_tol=1e-3, abs_tol=1e-4) for value, expected in zip(values, case.answer))
    if not close:
        raise SystemExit(f"Wrong answer for {case.name}: {values[:10]} instead of {case.answer[:10]}.")
