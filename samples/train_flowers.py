"""Trains a classifier of irises, and writes it as a model with a dynamic batch dimension. Uses scikit-learn and onnx.

python3 samples/train_flowers.py <folder for model.onnx and labels.txt> [inverse strength of the regularization]
"""
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

folder = pathlib.Path(sys.argv[1])
strength = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0

flowers = load_iris()
classifier = LogisticRegression(C=strength, max_iter=5000).fit(flowers.data, flowers.target)


def tensor(name, columns):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", columns])


def weights(name, values):
    return numpy_helper.from_array(values.astype(numpy.float32), name)


# The model consists of the trained numbers: probabilities = softmax(measurements x coefficients + intercepts).
graph = helper.make_graph(
    [
        helper.make_node("Gemm", ["measurements", "coefficients", "intercepts"], ["scores"], transB=1),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=-1),
    ],
    "flowers",
    [tensor("measurements", classifier.coef_.shape[1])],
    [tensor("probabilities", len(classifier.classes_))],
    [weights("coefficients", classifier.coef_), weights("intercepts", classifier.intercept_)],
)
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnx.checker.check_model(model)

folder.mkdir(parents=True, exist_ok=True)
onnx.save(model, str(folder / "model.onnx"))
(folder / "labels.txt").write_text("".join(f"{name}\n" for name in flowers.target_names))
print(f"{classifier.score(flowers.data, flowers.target):.0%} of the flowers are right.")
