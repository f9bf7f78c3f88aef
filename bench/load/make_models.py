#!/usr/bin/env python3
"""Writes the models that the load comparison runs beside digits: random weights from a fixed seed, a dynamic batch dimension each.

    /usr/bin/python3 bench/load/make_models.py artifacts/bench/models

It needs Debian's python3-onnx and python3-numpy.

resnet  ResNet-18 (He and others 2015) on 3x112x112 with 10 classes, 45 MB: bound by arithmetic.
wide    an MLP 512-2048-2048-2048-10, 38 MB: bound by memory, so a batch costs hardly more than one item.
ocr     depthwise convolutions with many channels on small maps, as in the classifiers of OCR pipelines, on 3x16x48: one item's
        maps stay in a core's cache, a batch's do not, so a batch takes longer than its items one by one.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SEED = 20
OPSET = 13


class Graph:
    """Builds a chain of nodes. Each method adds nodes and returns the name of their output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(SEED)

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, values: np.ndarray) -> str:
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def normal(self, *shape: int, inputs: int) -> str:
        """He's initialization, with which the variance of the values stays the same from layer to layer."""
        return self.weight(self.random.standard_normal(shape) * np.sqrt(2 / inputs))

    def dense(self, x: str, inputs: int, outputs: int) -> str:
        return self.add("Gemm", x, self.normal(inputs, outputs, inputs=inputs), self.weight(np.zeros(outputs)))

    def conv(self, x: str, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> str:
        """Adds a convolution and a batch normalization."""
        fan_in = inputs // groups * kernel * kernel
        x = self.add(
            "Conv", x, self.normal(outputs, inputs // groups, kernel, kernel, inputs=fan_in),
            kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4, group=groups)
        scale, bias, mean = (self.weight(self.random.uniform(low, high, outputs)) for low, high in ((0.5, 1), (-0.1, 0.1), (-0.1, 0.1)))
        return self.add("BatchNormalization", x, scale, bias, mean, self.weight(self.random.uniform(0.8, 1.2, outputs)))

    def relu(self, x: str) -> str:
        return self.add("Relu", x)

    def save(self, folder: Path, input_shape: list[int], outputs: int) -> None:
        self.nodes[-1].output[0] = "scores"
        graph = helper.make_graph(
            self.nodes, folder.name,
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", *input_shape])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", outputs])],
            self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="bench")
        model.ir_version = 8
        onnx.checker.check_model(model)
        path = folder / "1" / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))
        # In these models, the output of an item never depends on other items.
        (folder / "model.json").write_text('{ "batching": { "contract": "declared" } }\n', encoding="utf-8")
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def resnet(folder: Path) -> None:
    graph = Graph()
    x = graph.relu(graph.conv("features", 3, 64, kernel=7, stride=2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage > 0 and block == 0 else 1
            shortcut = x if width == channels and stride == 1 else graph.conv(x, channels, width, kernel=1, stride=stride)
            y = graph.relu(graph.conv(x, channels, width, kernel=3, stride=stride))
            y = graph.conv(y, width, width, kernel=3)
            x = graph.relu(graph.add("Add", y, shortcut))
            channels = width
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    graph.dense(x, channels, 10)
    graph.save(folder, [3, 112, 112], 10)


def wide(folder: Path) -> None:
    graph = Graph()
    x = "features"
    widths = (512, 2048, 2048, 2048)
    for inputs, outputs in zip(widths, widths[1:]):
        x = graph.relu(graph.dense(x, inputs, outputs))
    graph.dense(x, widths[-1], 10)
    graph.save(folder, [512], 10)


def ocr(folder: Path) -> None:
    graph = Graph()
    channels = 192
    x = graph.relu(graph.conv("features", 3, channels, kernel=3))
    for _ in range(24):
        y = graph.relu(graph.conv(x, channels, channels, kernel=3, groups=channels))
        y = graph.add("HardSigmoid", graph.conv(y, channels, channels, kernel=5, groups=channels))
        x = graph.add("Add", x, y)
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    graph.dense(x, channels, 2)
    graph.save(folder, [3, 16, 48], 2)


def main() -> None:
    root = Path(sys.argv[1])
    for build in (resnet, wide, ocr):
        build(root / build.__name__)


if __name__ == "__main__":
    main()
