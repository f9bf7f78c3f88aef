"""Prints the two URLs that the enqueue samples need. They are valid for one hour. Uses Python's standard library.

python3 samples/sas.py     the account is that of AZURE_STORAGE_CONNECTION_STRING
"""
import base64
import datetime
import hashlib
import hmac
import os
import urllib.parse

# The account of every Azurite, which its documentation publishes.
AZURITE = (
    "AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1"
)

text = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
parts = (AZURITE if text == "UseDevelopmentStorage=true" else text).split(";")
account = dict(part.split("=", 1) for part in parts if part)
name = account["AccountName"]


def endpoint(service):
    protocol, suffix = account.get("DefaultEndpointsProtocol", "https"), account.get("EndpointSuffix", "core.windows.net")
    return account.get(f"{service.capitalize()}Endpoint", f"{protocol}://{name}.{service}.{suffix}").rstrip("/")


# An account SAS: https://learn.microsoft.com/rest/api/storageservices/create-account-sas
expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
sas = {
    "sv": "2018-11-09", "ss": "bq", "srt": "o", "sp": "ra", "se": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "spr": "https,http",
}
signed = "\n".join([name, sas["sp"], sas["ss"], sas["srt"], "", sas["se"], "", sas["spr"], sas["sv"], ""])
sas["sig"] = base64.b64encode(hmac.digest(base64.b64decode(account["AccountKey"]), signed.encode(), hashlib.sha256)).decode()

for url in (f"{endpoint('queue')}/predictions", f"{endpoint('blob')}/prediction-results"):
    print(f"{url}?{urllib.parse.urlencode(sas)}")
