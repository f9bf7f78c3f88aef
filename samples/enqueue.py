"""Requests a prediction by queue message, and reads its result. Uses Python's standard library.

python3 samples/enqueue.py <URL of the queue predictions, with a SAS that may add> <URL of the container prediction-results, with a SAS that may read>
"""
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from xml.sax.saxutils import escape

queue, container = sys.argv[1:]


def within(url, path):
    """Returns the URL of a path below a queue or container, with the same SAS."""
    place, sas = url.split("?", 1)
    return f"{place}/{path}?{sas}"


order = f"order-{uuid.uuid4().hex}"
message = json.dumps({"id": order, "model": "iris", "request": {"features": [5.1, 3.5, 1.4, 0.2]}})
body = f"<QueueMessage><MessageText>{escape(message)}</MessageText></QueueMessage>".encode()
urllib.request.urlopen(urllib.request.Request(within(queue, "messages"), body, {"Content-Type": "application/xml"})).close()

# The prediction has ended when the blob with its result exists.
while True:
    try:
        with urllib.request.urlopen(within(container, f"{order}.json")) as response:
            result = json.load(response)
        break
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
    time.sleep(1)
print(f"queue: {result['status']}, {result['result']['labels'][0][0]['label']}")
