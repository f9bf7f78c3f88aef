"""Sends Open Inference v2 requests with binary tensors to a server that has the iris model.

Usage: python3 open_inference_client.py HOST PORT
"""

import gzip
import http.client
import json
import struct
import sys

FLOWERS = (5.1, 3.5, 1.4, 0.2, 6.0, 3.0, 5.0, 2.0)
HEADER_LENGTH = "Inference-Header-Content-Length"


def infer(connection, request, data, **headers):
    """Sends JSON followed by tensors. Returns the JSON of the response and the bytes after it."""
    header = json.dumps(request).encode()
    headers.update({"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(header))})
    body = header + data
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.compress(body)
    connection.request("POST", "/v2/models/iris/infer", body, headers)
    response = connection.getresponse()
    answer = response.read()
    assert response.status == 200, (response.status, answer)
    if response.headers.get("Content-Encoding") == "gzip":
        answer = gzip.decompress(answer)
    length = int(response.headers.get(HEADER_LENGTH, len(answer)))
    return json.loads(answer[:length]), answer[length:]


def tensor(rows):
    return {"name": "measurements", "shape": [rows, 4], "datatype": "FP32", "parameters": {"binary_data_size": 16 * rows}}


def main(host, port):
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    data = struct.pack("<8f", *FLOWERS)
    checks = 0

    # Triton's client sends this request when the caller names no output.
    answer, tensors = infer(connection, {"id": "py", "inputs": [tensor(2)], "parameters": {"binary_data_output": True}}, data)
    output = answer["outputs"][0]
    scores = struct.unpack("<6f", tensors)
    assert answer["id"] == "py" and output["shape"] == [2, 3] and output["parameters"]["binary_data_size"] == len(tensors) == 24
    assert scores.index(max(scores[:3])) == 0 and scores[3:].index(max(scores[3:])) == 2
    checks += 1

    # The same numbers in JSON, as the shortest texts that parse to the same floats.
    answer, tensors = infer(connection, {"inputs": [tensor(2)]}, data)
    assert not tensors and struct.pack("<6f", *answer["outputs"][0]["data"]) == struct.pack("<6f", *scores)
    checks += 1

    # One named output is binary. The request and the response are compressed.
    request = {"inputs": [tensor(200)], "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}]}
    answer, tensors = infer(connection, request, data[:16] * 200, **{"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
    assert tensors == struct.pack("<3f", *scores[:3]) * 200
    checks += 1

    # Classes have the type BYTES. The length of each element stands before the element.
    request = {"inputs": [tensor(2)], "outputs": [{"name": "probabilities", "parameters": {"classification": 1, "binary_data": True}}]}
    answer, tensors = infer(connection, request, data)
    classes = []
    while tensors:
        (length,), tensors = struct.unpack("<I", tensors[:4]), tensors[4:]
        element, tensors = tensors[:length], tensors[length:]
        classes.append(element.decode().split(":")[1:])
    assert answer["outputs"][0]["datatype"] == "BYTES" and classes == [["0", "setosa"], ["2", "virginica"]]
    checks += 1

    # A raw body contains only the bytes of the single input.
    connection.request("POST", "/v2/models/iris/infer", data, {"Content-Type": "application/octet-stream", HEADER_LENGTH: "0"})
    response = connection.getresponse()
    raw = response.read()[int(response.headers[HEADER_LENGTH]):]
    assert response.status == 200 and raw == struct.pack("<6f", *scores)
    checks += 1

    # An error has the protocol's format, and the connection stays open.
    connection.request("POST", "/v2/models/none/infer", b"{}", {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 404 and "error" in json.loads(response.read())
    checks += 1

    print(f"{checks} checks passed")


if __name__ == "__main__":
    main(*sys.argv[1:])
