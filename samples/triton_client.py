"""Calls Open Inference with NVIDIA's tritonclient, which is not part of Python: pip install 'tritonclient[http]'.

python3 samples/triton_client.py [address]; the key, if the server asks for one, in $KEY.
"""
import os
import sys

import numpy
from tritonclient import http

address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7071"
headers = {"x-functions-key": os.environ["KEY"]} if os.environ.get("KEY") else None

with http.InferenceServerClient(address.split("://")[1], ssl=address.startswith("https:")) as client:
    print("live:", client.is_server_live(headers=headers))

    measurements = http.InferInput("measurements", [1, 4], "FP32")
    measurements.set_data_from_numpy(numpy.array([[5.1, 3.5, 1.4, 0.2]], numpy.float32))
    answer = client.infer("iris", [measurements], headers=headers)
    print("infer:", answer.as_numpy("probabilities")[0, 0])
