"""Trains the two small models which ship with the server, and writes their test data.

Usage, from the repository's root (Debian 12; it takes about a minute):

    apt-get install python3-sklearn python3-onnx && python3 models/recipes/train.py

It writes models/<name>/1/model.onnx and labels.txt, and models/recipes/<name>-test.csv.
It prints the test accuracy of each model, and exits with 1, writing nothing for that
model, when an accuracy is below its floor. Two runs on one machine give the same bytes.
`digits` is also trained on drawn strokes: strokes.py draws them, and drawing.py makes pixels of them.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import drawing
import strokes

MODELS = Path(__file__).resolve().parent.parent
SEED = 0
DIGITS_TEST_SIZE, DIGITS_FLOOR = 360, 0.97
DRAWINGS, DRAWN_TEST_SIZE, DRAWN_FLOOR = 30_000, 1_000, 0.94
IRIS_TEST_SIZE, IRIS_FLOOR = 50, 0.93

# The number of epochs is fixed, so "not converged yet" is no news.
warnings.simplefilter("ignore", ConvergenceWarning)


# Data

def split(data, test_size):
    """The one fixed split; the test part is used for the final accuracy only."""
    return train_test_split(data.data, data.target, test_size=test_size,
                            stratify=data.target, random_state=SEED)


def with_half_shifts(pixels, labels):
    """Adds to each 8x8 image its four copies moved by half a pixel.

    The images are so small that a whole pixel is too far: it lowers the accuracy.
    """
    images = pixels.reshape(-1, 8, 8)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    moved = [(images + padded[:, row:row + 8, column:column + 8]) / 2
             for row, column in ((1, 2), (1, 0), (2, 1), (0, 1))]
    return np.concatenate([images, *moved]).reshape(-1, 64), np.tile(labels, 5)


def drawn(count, seed, pens):
    """Pixels of drawings, as many of each digit, each drawn with every kind of pen."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    drawings = [strokes.draw(random, digit) for digit in labels]
    return (np.array([drawing.pixels_of(one, pen(random)) for pen in pens for one in drawings]),
            np.tile(labels, len(pens)))


def page_pen(random):
    return drawing.PEN


def any_pen(random):
    return random.uniform(3.2, 7.5)


# Training

def train_digits(pixels, labels):
    """Trains on the images of the data set, three times over, and on drawings; the last epochs take small steps."""
    shifted_pixels, shifted_labels = with_half_shifts(pixels, labels)
    drawn_pixels, drawn_labels = drawn(DRAWINGS, SEED, (page_pen, any_pen))
    all_pixels = np.concatenate([np.tile(shifted_pixels, (3, 1)), drawn_pixels]).astype(np.float32) / 16
    all_labels = np.concatenate([np.tile(shifted_labels, 3), drawn_labels])
    network = MLPClassifier((144,), alpha=1e-4, max_iter=10, batch_size=128,
                            learning_rate_init=2e-3, warm_start=True, random_state=SEED)
    network.fit(all_pixels, all_labels)
    return network.set_params(learning_rate_init=3e-4, max_iter=5).fit(all_pixels, all_labels)


# ONNX

def initializer(name, value):
    return numpy_helper.from_array(np.asarray(value, dtype=np.float32), name)


def build_model(name, input_name, width, classes, nodes, initializers):
    def tensor(tensor_name, columns):
        return helper.make_tensor_value_info(tensor_name, TensorProto.FLOAT, ["batch", columns])

    graph = helper.make_graph(nodes, name, [tensor(input_name, width)],
                              [tensor("probabilities", classes)], initializers)
    model = helper.make_model(graph, producer_name="train.py", ir_version=8,
                              opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model, full_check=True)
    return model


def digits_model(network):
    (hidden, output), (hidden_bias, output_bias) = network.coefs_, network.intercepts_
    nodes = [
        helper.make_node("Mul", ["image", "scale"], ["scaled"]),
        helper.make_node("Gemm", ["scaled", "hidden_weight", "hidden_bias"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "output_weight", "output_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    return build_model("digits", "image", 64, 10, nodes, [
        initializer("scale", 1 / 16),
        initializer("hidden_weight", hidden), initializer("hidden_bias", hidden_bias),
        initializer("output_weight", output), initializer("output_bias", output_bias)])


def iris_model(regression, mean, deviation):
    nodes = [
        helper.make_node("Sub", ["measurements", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["standardised"]),
        helper.make_node("Gemm", ["standardised", "weight", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    return build_model("iris", "measurements", 4, 3, nodes, [
        initializer("mean", mean), initializer("deviation", deviation),
        initializer("weight", regression.coef_.T), initializer("bias", regression.intercept_)])


OPERATORS = {
    "Mul": np.multiply,
    "Sub": np.subtract,
    "Div": np.divide,
    "Gemm": lambda a, b, c: a @ b + c,
    "Relu": lambda x: np.maximum(x, 0),
    "Softmax": lambda x: np.exp(x - x.max(1, keepdims=True))
    / np.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True),
}


def run(model, rows):
    """Runs the finished graph, so that what is measured is the file which ships."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values[model.graph.input[0].name] = rows.astype(np.float32)
    for node in model.graph.node:
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input))
    return values["probabilities"]


# Output

def write(name, model, labels, test_rows, test_labels):
    folder = MODELS / name / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    lines = (",".join([str(label), *(f"{value:g}" for value in row)]) + "\n"
             for row, label in zip(test_rows, test_labels))
    (MODELS / "recipes" / f"{name}-test.csv").write_text("".join(lines))


def is_accurate(name, model, test_rows, test_labels, floor):
    right = int((run(model, test_rows).argmax(axis=1) == test_labels).sum())
    accuracy = right / len(test_labels)
    print(f"{name}: test accuracy {accuracy:.4f} ({right} of {len(test_labels)}), floor {floor}")
    return accuracy >= floor


def measure_and_write(name, model, labels, test_rows, test_labels, floor):
    if not is_accurate(name, model, test_rows, test_labels, floor):
        return False
    write(name, model, labels, test_rows, test_labels)
    return True


def make_digits():
    train_rows, test_rows, train_labels, test_labels = split(load_digits(), DIGITS_TEST_SIZE)
    model = digits_model(train_digits(train_rows, train_labels))
    return (is_accurate("digits: drawings", model, *drawn(DRAWN_TEST_SIZE, SEED + 1, (page_pen,)), DRAWN_FLOOR)
            and measure_and_write("digits", model, range(10), test_rows, test_labels, DIGITS_FLOOR))


def make_iris():
    data = load_iris()
    train_rows, test_rows, train_labels, test_labels = split(data, IRIS_TEST_SIZE)
    mean, deviation = train_rows.mean(axis=0), train_rows.std(axis=0)
    regression = LogisticRegression().fit((train_rows - mean) / deviation, train_labels)
    return measure_and_write("iris", iris_model(regression, mean, deviation), data.target_names,
                             test_rows, test_labels, IRIS_FLOOR)


if __name__ == "__main__":
    results = [make_digits(), make_iris()]
    sys.exit(0 if all(results) else 1)
