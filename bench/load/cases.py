"""The measured models, each with one item and ONNX Runtime's output for the item."""

import json
import random
import subprocess
from array import array
from dataclasses import dataclass
from pathlib import Path

from paths import BUILT, MODELS, ROOT

TITLES = {
    "digits": "digits (MLP 64-144-10)",
    "resnet": "ResNet-like (3x112x112, 45 MB)",
    "wide": "wide MLP (512-2048-2048-2048-10, 38 MB)",
    "ocr": "OCR-classifier-like (3x16x48)",
}
ITEM_SIZES = {"resnet": 3 * 112 * 112, "wide": 512, "ocr": 3 * 16 * 48}


@dataclass(frozen=True)
class Case:
    name: str
    features: list[float]
    input: str
    shape: list[int]
    output: str
    answer: list[float]

    @property
    def title(self) -> str:
        return TITLES[self.name]


def prepare(name: str) -> Case:
    features = read_digit() if name == "digits" else random_item(ITEM_SIZES[name])
    item_path(name).write_bytes(array("f", features).tobytes())
    told = run_raw(name, seconds=0)
    return Case(name, features, told["input"], told["shape"], told["output"], told["answer"])


def run_raw(name: str, seconds: float) -> dict:
    """Returns the output of bench/load/raw: the model's input and output, and with seconds > 0 the items/s of each batch size."""
    command = [BUILT / "raw" / "Raw", MODELS / name / "1" / "model.onnx", item_path(name), str(seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def item_path(name: str) -> Path:
    return BUILT / f"{name}.f32"


def read_digit() -> list[float]:
    """Returns the 64 numbers of the first test image. The class is the first column of the line."""
    lines = (ROOT / "models" / "recipes" / "digits-test.csv").read_text(encoding="utf-8").splitlines()
    return [float(value) for value in next(line for line in lines if line[0].isdigit()).split(",")[1:65]]


def random_item(size: int) -> list[float]:
    """Returns random numbers with four decimal places, as pixel values have."""
    source = random.Random(20)
    return [round(source.random(), 4) for _ in range(size)]
