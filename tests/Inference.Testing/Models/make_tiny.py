"""Writes the tiny ONNX models that the tests use (opset 17, IR version 8).

Usage (Debian 12; every run writes the same bytes):

    apt-get install python3-onnx && python3 make_tiny.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.shape_inference
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING
# The number of iterations that take about 0.1 seconds.
SLUGGISH_TIMES = 25_000
IDENTITY_TYPES = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
                  "float16", "bfloat16", "float", "double", "string")
# The shape of the first model is wrong on purpose. onnx 1.12 cannot infer the shapes of the others.
SHAPES_UNCHECKED = ("lying_shape", "zipmap", "classifier", "classifier_one", "maybe_absent", "upper", "no_locale")
EXTERNAL_FILE, EXTERNAL_OFFSET = "external.bin", 64

node = helper.make_node


def tensor(name, shape, data_type=FLOAT):
    return helper.make_tensor_value_info(name, data_type, shape)


def constant(name, value, data_type=np.float32):
    return numpy_helper.from_array(np.asarray(value, dtype=data_type), name)


def model(name, nodes, inputs, outputs, constants=(), opsets=(("", 17),)):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    return helper.make_model(graph, producer_name="make_tiny.py", ir_version=8,
                             opset_imports=[helper.make_opsetid(*opset) for opset in opsets])


def identity(type_name):
    data_type = TensorProto.DataType.Value(type_name.upper())
    return model(f"identity_{type_name}", [node("Identity", ["x"], ["y"])],
                 [tensor("x", ["batch"], data_type)], [tensor("y", ["batch"], data_type)])


def two_in_two_out():
    shape = ["batch", 3]
    return model("two_in_two_out",
                 [node("Add", ["a", "b"], ["sum"]), node("Mul", ["a", "b"], ["product"])],
                 [tensor("a", shape), tensor("b", shape)],
                 [tensor("sum", shape), tensor("product", shape)])


def doubled(name, shape):
    return model(name, [node("Mul", ["x", "two"], ["y"])],
                 [tensor("x", shape)], [tensor("y", shape)], [constant("two", 2)])


def passthrough():
    """Its second output is its input, so no node computes that output."""
    return model("passthrough", [node("Neg", ["x"], ["negative"])],
                 [tensor("x", ["batch", 2])], [tensor("negative", ["batch", 2]), tensor("x", ["batch", 2])])


def scalar():
    return model("scalar", [node("Add", ["x", "one"], ["y"])],
                 [tensor("x", [])], [tensor("y", [])], [constant("one", 1)])


def dynamic_inner():
    return model("dynamic_inner", [node("ReduceSum", ["x", "axes"], ["y"], keepdims=1)],
                 [tensor("x", ["batch", "length"])], [tensor("y", ["batch", 1])],
                 [constant("axes", [1], np.int64)])


def image():
    return model("image", [node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)],
                 [tensor("x", ["batch", 2, 3, 3])], [tensor("y", ["batch", 2])])


def sequence_out():
    return model("sequence_out", [node("SequenceConstruct", ["x"], ["seq"])],
                 [tensor("x", ["batch"])],
                 [helper.make_tensor_sequence_value_info("seq", FLOAT, ["batch"])])


def optional_out():
    inner = helper.make_tensor_type_proto(FLOAT, ["batch"])
    output = helper.make_value_info("maybe", helper.make_optional_type_proto(inner))
    return model("optional_out", [node("Optional", ["x"], ["maybe"])],
                 [tensor("x", ["batch"])], [output])


def maybe_absent():
    """Its optional output may have no value, which would end the process in ONNX Runtime 1.31."""
    maybe = helper.make_optional_type_proto(helper.make_tensor_type_proto(FLOAT, ["batch"]))
    present = helper.make_graph([node("Optional", ["x"], ["some"])], "present", [], [helper.make_value_info("some", maybe)])
    absent = helper.make_graph([node("Optional", [], ["none"], type=helper.make_tensor_type_proto(FLOAT, ["batch"]))],
                               "absent", [], [helper.make_value_info("none", maybe)])
    return model("maybe_absent", [node("If", ["present"], ["maybe"], then_branch=present, else_branch=absent)],
                 [tensor("x", ["batch"]), tensor("present", [1], BOOL)], [helper.make_value_info("maybe", maybe)])


def maps(name, key_type):
    entry = onnx.TypeProto()
    entry.map_type.key_type = key_type
    entry.map_type.value_type.CopyFrom(helper.make_tensor_type_proto(FLOAT, []))
    return helper.make_value_info(name, helper.make_sequence_type_proto(entry))


def zipmap():
    return model("zipmap", [node("ZipMap", ["x"], ["scores"], domain="ai.onnx.ml",
                                 classlabels_int64s=[0, 1])],
                 [tensor("x", ["batch", 2])], [maps("scores", INT64)], opsets=(("", 17), ("ai.onnx.ml", 3)))


def classifier(name, batch):
    """A classifier as skl2onnx exports it: the most likely label, and the probability of each label.

    The columns of x are the scores, in the order of the labels."""
    labels = ["setosa", "virginica", "versicolor"]
    return model(name, [node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", classlabels_strings=labels,
                             coefficients=np.eye(3, dtype=np.float32).flatten().tolist(), intercepts=[0.0] * 3, multi_class=0),
                        node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_strings=labels)],
                 [tensor("x", [batch, 3])], [tensor("label", [batch], STRING), maps("probabilities", STRING)],
                 opsets=(("", 17), ("ai.onnx.ml", 3)))


def pieces():
    """Its outputs are a list with a tensor for each row, and a single tensor."""
    return model("pieces", [node("SplitToSequence", ["x"], ["rows"], axis=0), node("Neg", ["x"], ["negative"])],
                 [tensor("x", ["batch", 2])],
                 [helper.make_tensor_sequence_value_info("rows", FLOAT, ["rows", 2]), tensor("negative", ["batch", 2])])


def upper():
    """Its operator is in ONNX Runtime Extensions."""
    return model("upper", [node("StringUpper", ["x"], ["y"], domain="ai.onnx.contrib")],
                 [tensor("x", ["batch"], STRING)], [tensor("y", ["batch"], STRING)], opsets=(("", 17), ("ai.onnx.contrib", 1)))


def no_locale():
    """Its operator names a locale that no system has."""
    return model("no_locale", [node("StringNormalizer", ["x"], ["y"], case_change_action="LOWER", locale="xx_XX.UTF-8")],
                 [tensor("x", ["words"], STRING)], [tensor("y", ["kept"], STRING)])


def weighted():
    """Its weight is an input that the model initializes itself."""
    return model("weighted", [node("Mul", ["x", "w"], ["y"])], [tensor("x", ["batch", 2]), tensor("w", [2])],
                 [tensor("y", ["batch", 2])], [constant("w", [2, 3])])


def pair():
    """Its output is a list of tensors of different ranks."""
    return model("pair", [node("SequenceConstruct", ["a", "b"], ["both"])],
                 [tensor("a", ["rows", 2]), tensor("b", ["length"])], [helper.make_tensor_sequence_value_info("both", FLOAT, None)])


def gather():
    """An index outside the table, such as 9, fails when the model runs, not when it loads."""
    return model("gather", [node("Gather", ["table", "indices"], ["y"])],
                 [tensor("indices", ["batch"], INT64)], [tensor("y", ["batch"])],
                 [constant("table", [10, 20, 30, 40])])


def not_finite():
    return model("not_finite", [node("Log", ["x"], ["y"])],
                 [tensor("x", ["batch"])], [tensor("y", ["batch"])])


def lying_shape():
    """The shape of its output is wrong, but only a run shows this: the number of columns that Compress keeps is not inferred."""
    return model("lying_shape", [node("Compress", ["x", "keep"], ["y"], axis=1)],
                 [tensor("x", ["batch", 4])], [tensor("y", ["batch", 3])],
                 [constant("keep", [True] * 4, np.bool_)])


def external():
    """The values begin at an offset, so that a reader that ignores the offset computes wrong sums."""
    values = TensorProto(name="values", data_type=FLOAT, dims=[4],
                         data_location=TensorProto.EXTERNAL)
    place = (("location", EXTERNAL_FILE), ("offset", EXTERNAL_OFFSET), ("length", 16))
    for key, value in place:
        values.external_data.add(key=key, value=str(value))
    return model("external", [node("Add", ["x", "values"], ["y"])],
                 [tensor("x", ["batch", 4])], [tensor("y", ["batch", 4])], [values])


def external_bytes():
    return bytes(EXTERNAL_OFFSET) + np.array([1, 2, 3, 4], dtype="<f4").tobytes()


def slow_body():
    """A matrix of ones, squared and divided by its width, is a matrix of ones again."""
    matrix = [64, 64]
    return helper.make_graph(
        [node("MatMul", ["matrix_in", "matrix_in"], ["square"]),
         node("Mul", ["square", "scale"], ["matrix_out"]),
         node("Identity", ["go_in"], ["go_out"])],
        "slow_body",
        [tensor("iteration", [], INT64), tensor("go_in", [], BOOL), tensor("matrix_in", matrix)],
        [tensor("go_out", [], BOOL), tensor("matrix_out", matrix)],
        [constant("scale", 1 / 64)])


def slow():
    """Runs its loop n times and returns x. The caller chooses the duration by n."""
    return model("slow",
                 [node("Loop", ["n", "go", "ones"], ["matrix"], body=slow_body()),
                  node("ReduceMax", ["matrix"], ["largest"], keepdims=0),
                  node("Mul", ["largest", "zero"], ["nothing"]),
                  node("Add", ["x", "nothing"], ["y"])],
                 [tensor("x", ["batch", 1]), tensor("n", [], INT64)],
                 [tensor("y", ["batch", 1])],
                 [constant("go", True, np.bool_), constant("ones", np.ones((64, 64))),
                  constant("zero", 0)])


def stuck():
    """Runs one kernel for hours in little memory: it compares each of a million boxes with all boxes that it selected before."""
    count = 1_000_000
    return model("stuck",
                 [node("Unsqueeze", ["x", "first"], ["point"]),
                  node("Expand", ["point", "boxes_shape"], ["boxes"]), node("Expand", ["point", "scores_shape"], ["scores"]),
                  node("NonMaxSuppression", ["boxes", "scores", "count", "overlap", "lowest"], ["selected"]),
                  node("Cast", ["selected"], ["numbers"], to=FLOAT), node("ReduceMax", ["numbers"], ["largest"], keepdims=0),
                  node("Add", ["x", "largest"], ["y"])],
                 [tensor("x", [1, 1])], [tensor("y", [1, 1])],
                 [constant("first", [0], np.int64), constant("boxes_shape", [1, count, 4], np.int64),
                  constant("scores_shape", [1, 1, count], np.int64), constant("count", [count], np.int64),
                  constant("overlap", [0.5]), constant("lowest", [-1])])


def looped(name, times):
    """Runs its loop SLUGGISH_TIMES times and returns x. If times is empty, the loop never ends."""
    return model(name,
                 [node("Loop", [times, "go", "ones"], ["matrix"], body=slow_body()),
                  node("ReduceMax", ["matrix"], ["largest"], keepdims=0),
                  node("Mul", ["largest", "zero"], ["nothing"]),
                  node("Add", ["x", "nothing"], ["y"])],
                 [tensor("x", ["batch", 1])],
                 [tensor("y", ["batch", 1])],
                 [constant("go", True, np.bool_), constant("ones", np.ones((64, 64))),
                  constant("zero", 0)] + ([constant(times, SLUGGISH_TIMES, np.int64)] if times else []))


def heavy():
    """A small file from which the load computes 10 MB of weights. A run reads all weights, for one row or for many."""
    width, layers = 400, 16
    nodes, constants = [], [constant("column", np.zeros((width, 1)))]
    for layer in range(layers):
        # Each layer has another value, because equal weights would become one tensor.
        constants.append(constant(f"row{layer}", np.full((1, width), (1 + layer / layers) / width)))
        nodes += [node("Add", ["column", f"row{layer}"], [f"weights{layer}"]),
                  node("MatMul", [f"h{layer}" if layer else "x", f"weights{layer}"],
                       [f"h{layer + 1}" if layer + 1 < layers else "y"])]
    return model("heavy", nodes, [tensor("x", ["batch", width])], [tensor("y", ["batch", width])], constants)


def pairs():
    """Compares every row with every other row, so twice the rows are four times the work."""
    return model("pairs",
                 [node("Unsqueeze", ["x", "first"], ["rows"]), node("Unsqueeze", ["x", "second"], ["columns"]),
                  node("Sub", ["rows", "columns"], ["differences"]),
                  node("ReduceSum", ["differences", "inner"], ["y"], keepdims=0)],
                 [tensor("x", ["batch", 65536])], [tensor("y", ["batch"])],
                 [constant("first", [0], np.int64), constant("second", [1], np.int64),
                  constant("inner", [0, 2], np.int64)])


def pixels():
    """Computes the mean of each of three channels."""
    return model("pixels", [node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)],
                 [tensor("x", ["batch", 3, 2, 2])], [tensor("y", ["batch", 3])])


def negated(name, nodes):
    """Divides integers. ONNX Runtime checks for a zero divisor, but not for the only overflow, the smallest integer divided by -1.

    On x64, this overflow ends the process (SIGFPE)."""
    return model(name, nodes, [tensor("x", ["batch", 1], TensorProto.INT32)], [tensor("y", ["batch", 1], TensorProto.INT32)],
                 [constant("smallest", -2**31, np.int32), constant("minus", -1, np.int32)])


def crashing():
    """Ends the process on one input, -2**31."""
    return negated("crashing", [node("Div", ["x", "minus"], ["y"])])


def crashing_on_zeros():
    """Ends the process on one input, zero. The trial before the first request runs a model on zeros."""
    return negated("crashing_on_zeros", [node("Add", ["x", "smallest"], ["sum"]), node("Div", ["sum", "minus"], ["y"])])


def crashing_load():
    """Ends the process during its load, because the load computes the constants."""
    return negated("crashing_load", [node("Div", ["smallest", "minus"], ["constant"]), node("Add", ["x", "constant"], ["y"])])


def embedder():
    """Has the form of BERT. Token n has the vector (n, 1, 0), and padding has 100 more in each element, which shows if padding counts."""
    return model("embedder",
                 [node("Gather", ["table", "input_ids"], ["tokens"]),
                  node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
                  node("Sub", ["one", "mask"], ["padding"]),
                  node("Mul", ["padding", "hundred"], ["noise"]),
                  node("Unsqueeze", ["noise", "last"], ["noises"]),
                  node("Add", ["tokens", "noises"], ["last_hidden_state"])],
                 [tensor("input_ids", ["batch", "length"], INT64), tensor("attention_mask", ["batch", "length"], INT64)],
                 [tensor("last_hidden_state", ["batch", "length", 3])],
                 [constant("table", [[n, 1, 0] for n in range(16)]), constant("one", 1), constant("hundred", 100),
                  constant("last", [2], np.int64)])


def finder():
    """Has a row (item, tag) for each number above a half among an item's first four numbers.

    So the number of rows differs from the number of items, although the dimension has the name of the batch.
    yolov7's export with end-to-end suppression has this form."""
    return model("finder",
                 [node("Slice", ["x", "z0", "z4", "one"], ["four"]), node("Slice", ["x", "z4", "z5", "one"], ["column"]),
                  node("Squeeze", ["column", "one"], ["tags"]), node("Greater", ["four", "half"], ["hit"]),
                  node("NonZero", ["hit"], ["places"]), node("Gather", ["places", "zero"], ["item"], axis=0),
                  node("Gather", ["tags", "item"], ["tag"]), node("Cast", ["item"], ["number"], to=FLOAT),
                  node("Unsqueeze", ["number", "one"], ["c0"]), node("Unsqueeze", ["tag", "one"], ["c1"]),
                  node("Concat", ["c0", "c1"], ["y"], axis=1)],
                 [tensor("x", ["batch", 5])], [tensor("y", ["batch", 2])],
                 [constant("half", .5), constant("zero", 0, np.int64), constant("z0", [0], np.int64),
                  constant("z4", [4], np.int64), constant("z5", [5], np.int64), constant("one", [1], np.int64)])


def quantized():
    """Uses one scale for the whole tensor, so small numbers beside large ones become zeros. Dynamic quantization has this form."""
    shape = ["batch", 8]
    return model("quantized",
                 [node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero_point"]),
                  node("DequantizeLinear", ["q", "scale", "zero_point"], ["y"])],
                 [tensor("x", shape)], [tensor("y", shape)])


def normalized():
    """Normalizes by the mean and the variance of the items of a run, as batch normalization in training does.

    It consists of simple nodes, because ONNX Runtime's BatchNormalization in training mode keeps the statistics of one run for the
    next. The same request would then have another result each time."""
    return over_items("normalized",
                      [node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1), node("Sub", ["x", "mean"], ["centred"]),
                       node("Mul", ["centred", "centred"], ["squares"]),
                       node("ReduceMean", ["squares"], ["variance"], axes=[0], keepdims=1), node("Add", ["variance", "epsilon"], ["positive"]),
                       node("Sqrt", ["positive"], ["deviation"]), node("Div", ["centred", "deviation"], ["y"])],
                      [constant("epsilon", 1e-5)])


def over_items(name, nodes, constants=()):
    shape = ["batch", 4]
    return model(name, nodes, [tensor("x", shape)], [tensor("y", shape)], constants)


def two_names():
    """Its batch dimension has another name in each tensor, as in an export of tf2onnx."""
    return model("two_names", [node("Identity", ["x"], ["y"])],
                 [tensor("x", ["unk__1", 2])], [tensor("y", ["unk__2", 2])])


def maskless():
    """A text model without a mask. Token n has the vector (n, 1) plus the mean of all vectors, including those of padding."""
    return model("maskless",
                 [node("Gather", ["table", "input_ids"], ["tokens"]), node("ReduceMean", ["tokens"], ["mean"], axes=[1], keepdims=1),
                  node("Add", ["tokens", "mean"], ["last_hidden_state"])],
                 [tensor("input_ids", ["batch", "length"], INT64)], [tensor("last_hidden_state", ["batch", "length", 2])],
                 [constant("table", [[n, 1] for n in range(16)])])


def dependent_models():
    """Returns models whose result for an item depends on the other items of its run."""
    return [finder(), quantized(), normalized(),
            over_items("softmax_items", [node("Softmax", ["x"], ["y"], axis=0)]),
            over_items("running_sum", [node("CumSum", ["x", "zero"], ["y"])], [constant("zero", 0, np.int64)]),
            over_items("minus_mean", [node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1), node("Sub", ["x", "mean"], ["y"])])]


def all_models():
    models = [identity(type_name) for type_name in IDENTITY_TYPES]
    models += [two_in_two_out(), doubled("fixed_batch", [1, 4]), doubled("fixed_one", [1, 1]),
               doubled("fixed_batch_four", [4, 2]), passthrough(), scalar(), dynamic_inner(), image(),
               sequence_out(), optional_out(), maybe_absent(), zipmap(), classifier("classifier", "batch"),
               classifier("classifier_one", 1), pieces(), pair(), upper(), no_locale(), weighted(),
               gather(), not_finite(),
               lying_shape(), external(), slow(), stuck(), looped("endless", ""), looped("sluggish", "times"), heavy(), pairs(), pixels(),
               embedder(), two_names(), maskless(), crashing(), crashing_on_zeros(), crashing_load()]
    models += dependent_models()
    return models


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EXTERNAL_FILE).write_bytes(external_bytes())
    for made in all_models():
        path = folder / f"{made.graph.name}.onnx"
        path.write_bytes(made.SerializeToString(deterministic=True))
        # The check needs the path to find the external data. It does not use full_check, which rewrites the file.
        onnx.checker.check_model(str(path))
        if made.graph.name not in SHAPES_UNCHECKED:
            onnx.shape_inference.infer_shapes(made, check_type=True, strict_mode=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_tiny.py FOLDER")
    main(Path(sys.argv[1]))
