"""Calls predict and Open Inference, and runs a job. Uses Python's standard library.

python3 samples/predict.py [address]; the key, if the server asks for one, in $KEY.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7071"


def call(path, body=None):
    """Sends POST with JSON, or GET without a body. Ends the program with the server's error."""
    headers = {"Content-Type": "application/json"}
    if os.environ.get("KEY"):
        headers["x-functions-key"] = os.environ["KEY"]
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(ADDRESS + path, data, headers)) as response:
            return json.load(response), response.headers
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {error.read().decode()}")


features = [5.1, 3.5, 1.4, 0.2]

answer, _ = call("/models/iris/predict", {"features": features})
print("predict:", answer["labels"][0][0]["label"])

tensor = {"name": "measurements", "shape": [1, 4], "datatype": "FP32", "data": features}
answer, _ = call("/v2/models/iris/infer", {"inputs": [tensor]})
print("infer:", answer["outputs"][0]["data"][0])

job, headers = call("/models/iris/jobs", {"features": features})
location = headers["Location"]
while job["status"] in ("queued", "running"):
    time.sleep(int(headers.get("Retry-After", 1)))
    job, headers = call(location)
print(f"job: {job['status']}, {job['result']['labels'][0][0]['label']}")
