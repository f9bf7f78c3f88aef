"""Writes the tiny ONNX models which the tests use (opset 17, IR version 8).

Usage (Debian 12; every run gives the same bytes):

    apt-get install python3-onnx && python3 make_tiny.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.shape_inference
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING
# Some 0.1 seconds.
SLUGGISH_TIMES = 25_000
IDENTITY_TYPES = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
                  "float16", "bfloat16", "float", "double", "string")
# The first is wrong on purpose; of the others, onnx 1.12 cannot infer shapes.
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
    """Its second output is its input, of which no node is the source."""
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
    """Without a value ONNX Runtime 1.31 would end the process."""
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
    """As skl2onnx writes one: the likeliest label, and the probability of each. The columns are the scores, in the order of the labels."""
    labels = ["setosa", "virginica", "versicolor"]
    return model(name, [node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", classlabels_strings=labels,
                             coefficients=np.eye(3, dtype=np.float32).flatten().tolist(), intercepts=[0.0] * 3, multi_class=0),
                        node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_strings=labels)],
                 [tensor("x", [batch, 3])], [tensor("label", [batch], STRING), maps("probabilities", STRING)],
                 opsets=(("", 17), ("ai.onnx.ml", 3)))


def pieces():
    """A list with a tensor for each row, and one tensor beside it."""
    return model("pieces", [node("SplitToSequence", ["x"], ["rows"], axis=0), node("Neg", ["x"], ["negative"])],
                 [tensor("x", ["batch", 2])],
                 [helper.make_tensor_sequence_value_info("rows", FLOAT, ["rows", 2]), tensor("negative", ["batch", 2])])


def upper():
    """Its operator is in ONNX Runtime Extensions."""
    return model("upper", [node("StringUpper", ["x"], ["y"], domain="ai.onnx.contrib")],
                 [tensor("x", ["batch"], STRING)], [tensor("y", ["batch"], STRING)], opsets=(("", 17), ("ai.onnx.contrib", 1)))


def no_locale():
    """No system has its locale."""
    return model("no_locale", [node("StringNormalizer", ["x"], ["y"], case_change_action="LOWER", locale="xx_XX.UTF-8")],
                 [tensor("x", ["words"], STRING)], [tensor("y", ["kept"], STRING)])


def weighted():
    """Its weight is an input with a value."""
    return model("weighted", [node("Mul", ["x", "w"], ["y"])], [tensor("x", ["batch", 2]), tensor("w", [2])],
                 [tensor("y", ["batch", 2])], [constant("w", [2, 3])])


def pair():
    """A list of tensors of different ranks."""
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
    """A lie which holds until the model runs: how many columns Compress keeps is not inferred."""
    return model("lying_shape", [node("Compress", ["x", "keep"], ["y"], axis=1)],
                 [tensor("x", ["batch", 4])], [tensor("y", ["batch", 3])],
                 [constant("keep", [True] * 4, np.bool_)])


def external():
    """The values begin at an offset, so that a reader which ignores it gives wrong sums."""
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
    """Runs its loop n times, then gives x back: the time it takes is the caller's choice."""
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
    """One kernel that takes hours in little memory: it compares each of a million boxes with all that were selected before."""
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
    """Runs its loop so many times, or for ever, then gives x back."""
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
    """10 MB of weights out of a small file, folded when it loads: a run reads them all, for one row or for many."""
    width, layers = 400, 16
    nodes, constants = [], [constant("column", np.zeros((width, 1)))]
    for layer in range(layers):
        # Of one value each, for equal weights would be one tensor.
        constants.append(constant(f"row{layer}", np.full((1, width), (1 + layer / layers) / width)))
        nodes += [node("Add", ["column", f"row{layer}"], [f"weights{layer}"]),
                  node("MatMul", [f"h{layer}" if layer else "x", f"weights{layer}"],
                       [f"h{layer + 1}" if layer + 1 < layers else "y"])]
    return model("heavy", nodes, [tensor("x", ["batch", width])], [tensor("y", ["batch", width])], constants)


def pairs():
    """Compares every row with every other: twice the rows are four times the work."""
    return model("pairs",
                 [node("Unsqueeze", ["x", "first"], ["rows"]), node("Unsqueeze", ["x", "second"], ["columns"]),
                  node("Sub", ["rows", "columns"], ["differences"]),
                  node("ReduceSum", ["differences", "inner"], ["y"], keepdims=0)],
                 [tensor("x", ["batch", 65536])], [tensor("y", ["batch"])],
                 [constant("first", [0], np.int64), constant("second", [1], np.int64),
                  constant("inner", [0, 2], np.int64)])


def pixels():
    """Tells the mean of each of three channels."""
    return model("pixels", [node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)],
                 [tensor("x", ["batch", 3, 2, 2])], [tensor("y", ["batch", 3])])


def negated(name, nodes):
    """ONNX Runtime looks for zeros before it divides integers, but not for the one quotient that is none of its type: on x64 the smallest
    number by -1 ends the process (SIGFPE)."""
    return model(name, nodes, [tensor("x", ["batch", 1], TensorProto.INT32)], [tensor("y", ["batch", 1], TensorProto.INT32)],
                 [constant("smallest", -2**31, np.int32), constant("minus", -1, np.int32)])


def crashing():
    """Ends the process on one input, -2**31."""
    return negated("crashing", [node("Div", ["x", "minus"], ["y"])])


def crashing_on_zeros():
    """Ends the process on one input, zero, which is what it is run on before it serves."""
    return negated("crashing_on_zeros", [node("Add", ["x", "smallest"], ["sum"]), node("Div", ["sum", "minus"], ["y"])])


def crashing_load():
    """Ends the process when it is loaded, because ONNX Runtime computes what is constant at the load."""
    return negated("crashing_load", [node("Div", ["smallest", "minus"], ["constant"]), node("Add", ["x", "constant"], ["y"])])


def embedder():
    """Like BERT in form: token n has the vector (n, 1, 0), and padding 100 more in each place, so that it shows when it counts."""
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
    """Has a row (item, tag) for each number above a half among an item's first four: as many rows as there is to find, though their
    dimension is named like the batch. yolov7's export with end-to-end suppression has this form."""
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
    """One scale for the whole tensor: small numbers beside large ones become zeros. Dynamic quantization has this form."""
    shape = ["batch", 8]
    return model("quantized",
                 [node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero_point"]),
                  node("DequantizeLinear", ["q", "scale", "zero_point"], ["y"])],
                 [tensor("x", shape)], [tensor("y", shape)])


def normalized():
    """Batch normalization by the mean and the variance of what came together, as in training. Written out: ONNX Runtime's
    BatchNormalization in training mode keeps the statistics of one run for the next, so it answers no request twice alike."""
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
    """A dimension has a name of its own in each tensor, as tf2onnx writes it."""
    return model("two_names", [node("Identity", ["x"], ["y"])],
                 [tensor("x", ["unk__1", 2])], [tensor("y", ["unk__2", 2])])


def maskless():
    """A text model without a mask: token n has the vector (n, 1), plus the mean of all vectors, padding's included."""
    return model("maskless",
                 [node("Gather", ["table", "input_ids"], ["tokens"]), node("ReduceMean", ["tokens"], ["mean"], axes=[1], keepdims=1),
                  node("Add", ["tokens", "mean"], ["last_hidden_state"])],
                 [tensor("input_ids", ["batch", "length"], INT64)], [tensor("last_hidden_state", ["batch", "length", 2])],
                 [constant("table", [[n, 1] for n in range(16)])])


def dependent_models():
    """Models of which an item's answer depends on the other items of its run."""
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
        # By path, as only then is the external data found. Not full_check: it rewrites the file.
        onnx.checker.check_model(str(path))
        if made.graph.name not in SHAPES_UNCHECKED:
            onnx.shape_inference.infer_shapes(made, check_type=True, strict_mode=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_tiny.py FOLDER")
    main(Path(sys.argv[1]))
