"""The folders of the comparison. Built and generated files are in artifacts, which is not committed."""

from pathlib import Path

LOAD = Path(__file__).resolve().parent
ROOT = LOAD.parents[1]
BUILT = ROOT / "artifacts" / "bench"
MODELS = BUILT / "models"
# The same models without settings, so that every request runs as it was sent.
MODELS_AS_SENT = BUILT / "as-sent"
CACHE = BUILT / "cache"
APP = ROOT / "artifacts" / "app"
RESULTS = ROOT / "bench" / "results"
NODE_PEER = ROOT / "bench" / "peers" / "node"
AZURITE = ROOT / "tests" / "Inference.Testing" / "azurite"
