"""Creates the request for an item, and reads the numbers of its response, for each protocol."""

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
    """Returns the numbers of a response from its headers, by lower-case name, and its body."""
    values: Callable[[Mapping[str, str], bytes], list[float]]
    is_grpc: bool = False


def predict_request(case: Case, items: int = 1) -> Request:
    # As in a browser's JSON, whole numbers have no ".0".
    item = [int(value) if value.is_integer() else value for value in case.features]
    body = json.dumps({"features": item if items == 1 else [item] * items}, separators=(",", ":"))
    return Request(f"/models/{case.name}/predict", {"Content-Type": "application/json"}, body.encode())


def predict_values(_: Mapping[str, str], body: bytes) -> list[float]:
    return json.loads(body)["predictions"][0]


def binary_request(case: Case) -> Request:
    """Creates a request of the Open Inference Protocol's binary extension: a JSON header, then the numbers in little-endian order."""
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


def grpc_request(case: Case) -> Request:
    """Creates a call of inference.GRPCInferenceService/ModelInfer: five bytes of framing, and a message with raw_input_contents."""
    shape = b"".join(varint(dimension) for dimension in case.shape)
    tensor = field(1, case.input.encode()) + field(2, b"FP32") + field(3, shape)
    message = field(1, case.name.encode()) + field(5, tensor) + field(7, array("f", case.features).tobytes())
    headers = {"Content-Type": "application/grpc", "TE": "trailers"}
    return Request("/inference.GRPCInferenceService/ModelInfer", headers, b"\0" + len(message).to_bytes(4, "big") + message)


def grpc_values(_: Mapping[str, str], body: bytes) -> list[float]:
    """Returns the numbers in raw_output_contents, the message's last field. A failed call has no message."""
    values = array("f")
    values.frombytes(last_field(body[5:]))
    return values.tolist()


def last_field(message: bytes) -> bytes:
    """Returns the last length-delimited field of a message whose fields are varints or length-delimited."""
    at, value = 0, b""
    while at < len(message):
        tag, at = read_varint(message, at)
        length, at = read_varint(message, at)
        if tag & 7 == 2:
            value, at = message[at:at + length], at + length
    return value


def read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] <= 0x7F:
            return value, at


def field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


PREDICT = Protocol(predict_request, predict_values)
BINARY = Protocol(binary_request, binary_values)
GRPC = Protocol(grpc_request, grpc_values, is_grpc=True)


def check(case: Case, values: list[float]) -> None:
    """Compares a response with ONNX Runtime's output. The tolerance covers the rounding of batches and of other builds of ONNX Runtime."""
    close = len(values) == len(case.answer) and all(
        math.isclose(value, expected, rel_tol=1e-3, abs_tol=1e-4) for value, expected in zip(values, case.answer))
    if not close:
        raise SystemExit(f"Wrong answer for {case.name}: {values[:10]} instead of {case.answer[:10]}.")
