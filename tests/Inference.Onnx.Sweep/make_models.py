"""Writes models of operators that ONNX's own test data lack, with inputs, for the sweep over sizes of 0.

These are the operators that ONNX Runtime's optimizer inserts, newer versions of operators, tree ensembles and the like, and patterns
that the optimizer replaces.

    apt-get install python3-onnx && python3 make_models.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MS, ML, NCHWC = "com.microsoft", "ai.onnx.ml", "com.microsoft.nchwc"
rng = np.random.default_rng(20170905)
CASES = []


def f(*shape):
    return rng.random(shape, dtype=np.float32)


def i64(*values):
    return np.array(values, dtype=np.int64)


def u8(*shape):
    return rng.integers(0, 255, shape, dtype=np.uint8)


def i8(*shape):
    return rng.integers(-128, 127, shape, dtype=np.int8)


def node(op, inputs, outputs=("y",), domain="", **attributes):
    return helper.make_node(op, list(inputs), list(outputs), domain=domain, **attributes)


def case(name, nodes, inputs, outputs=("y",), constants=None, opset=17, out_type=TensorProto.FLOAT):
    CASES.append((name, nodes if isinstance(nodes, list) else [nodes], inputs, outputs, constants or {}, opset, out_type))


def one(op, inputs, domain="", opset=17, outputs=("y",), out_type=TensorProto.FLOAT, suffix="", **attributes):
    """Adds a model of one node."""
    names = [chr(97 + i) if value is not None else "" for i, value in enumerate(inputs)]
    case(f"{op.lower()}{suffix}_{opset}", node(op, names, outputs, domain, **attributes),
         {name: value for name, value in zip(names, inputs) if name}, outputs, opset=opset, out_type=out_type)


def contrib():
    x, w = f(2, 8, 6, 6), f(16, 8, 3, 3)
    for activation in ("Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Clip"):
        extra = {"LeakyRelu": [0.1], "HardSigmoid": [0.2, 0.5], "Clip": [0.0, 6.0]}.get(activation)
        params = {"activation_params": extra} if extra else {}
        one("FusedConv", [x, w, f(16)], MS, activation=activation, suffix=activation.lower(), **params)
        gemm = {"LeakyRelu": {"activation_alpha": 0.1}, "HardSigmoid": {"activation_alpha": 0.2, "activation_beta": 0.5}}.get(activation, {})
        if activation != "Clip":
            one("FusedGemm", [f(3, 4), f(4, 5), f(5)], MS, activation=activation, suffix=activation.lower(), **gemm)
    one("FusedConv", [x, w, f(16), f(2, 16, 4, 4)], MS, suffix="sum")
    one("FusedConv", [x, f(8, 1, 3, 3), f(8)], MS, group=8, activation="Relu", suffix="depthwise")
    one("FusedMatMul", [f(2, 3, 4), f(2, 4, 5)], MS, alpha=0.5)
    one("FusedMatMul", [f(2, 4, 3), f(2, 5, 4)], MS, transA=1, transB=1, suffix="t")
    one("TransposeMatMul", [f(4, 3), f(4, 5)], MS, transA=1)
    one("Gelu", [f(2, 3, 4)], MS)
    one("BiasGelu", [f(2, 3, 4), f(4)], MS)
    one("FastGelu", [f(2, 3, 4), f(4)], MS)
    one("FastGelu", [f(2, 3, 4)], MS, suffix="plain")
    one("QuickGelu", [f(2, 3, 4)], MS)
    one("BiasSoftmax", [f(2, 3, 4), f(1, 3, 4)], MS, axis=1, is_inner_broadcast=0)
    one("SkipLayerNormalization", [f(2, 3, 4), f(2, 3, 4), f(4), f(4), f(4)], MS, epsilon=1e-5)
    one("SkipLayerNormalization", [f(2, 3, 4), f(2, 3, 4), f(4)], MS, suffix="plain")
    one("SkipSimplifiedLayerNormalization", [f(2, 3, 4), f(2, 3, 4), f(4)], MS)
    one("SimplifiedLayerNormalization", [f(2, 3, 4), f(4)], opset=17)
    one("LayerNormalization", [f(2, 3, 4), f(4), f(4)])
    one("EmbedLayerNormalization", [np.zeros((2, 3), np.int32), np.zeros((2, 3), np.int32), f(5, 4), f(6, 4), f(2, 4), f(4), f(4),
                                    np.ones((2, 3), np.int32)], MS, outputs=("y", "m"))
    one("EmbedLayerNormalization", [np.zeros((2, 3), np.int32), None, f(5, 4), f(6, 4), None, f(4), f(4)], MS, outputs=("y", "m"), suffix="plain")
    one("Attention", [f(2, 3, 8), f(8, 24), f(24), np.ones((2, 3), np.int32)], MS, num_heads=2)
    one("Attention", [f(2, 3, 8), f(8, 24), f(24)], MS, num_heads=2, suffix="nomask")
    one("Attention", [f(2, 3, 8), f(8, 24), f(24), np.ones((2, 5), np.int32), f(2, 2, 2, 2, 4)], MS, num_heads=2, unidirectional=1,
        outputs=("y", "present"), suffix="past")
    one("QAttention", [u8(2, 3, 8), u8(8, 24), f(24), np.float32(.1), np.float32(.1), np.ones((2, 3), np.int32), np.uint8(1), np.uint8(1)], MS, num_heads=2)
    one("MultiHeadAttention", [f(2, 3, 8), f(2, 3, 8), f(2, 3, 8)], MS, num_heads=2)
    one("MultiHeadAttention", [f(2, 3, 8), f(2, 3, 8), f(2, 3, 8), f(24), None, None, f(2, 2, 2, 4), f(2, 2, 2, 4)], MS, num_heads=2,
        outputs=("y", "k", "v"), suffix="past")
    one("GroupQueryAttention", [f(2, 1, 8), f(2, 1, 8), f(2, 1, 8), f(2, 2, 5, 4), f(2, 2, 5, 4), np.full(2, 3, np.int32), np.array(5, np.int32)], MS,
        num_heads=2, kv_num_heads=2, outputs=("y", "k", "v"))
    one("RotaryEmbedding", [f(2, 3, 8), np.zeros((2, 3), np.int64), f(5, 2), f(5, 2)], MS, num_heads=2)
    one("DynamicQuantizeMatMul", [f(3, 4), u8(4, 5), np.float32(.1), np.uint8(1), f(5)], MS)
    one("MatMulIntegerToFloat", [u8(3, 4), u8(4, 5), np.float32(.1), np.float32(.1), np.uint8(1), np.uint8(1), f(5)], MS)
    one("DynamicQuantizeLSTM", [f(4, 3, 2), u8(1, 2, 12), u8(1, 3, 12), f(1, 24), None, None, None, None, f(1), np.zeros(1, np.uint8), f(1),
                                np.zeros(1, np.uint8)], MS, hidden_size=3)
    one("QGemm", [u8(3, 4), np.float32(.1), np.uint8(1), u8(4, 5), np.float32(.1), np.uint8(1), np.zeros(5, np.int32), np.float32(.1), np.uint8(1)], MS,
        out_type=TensorProto.UINT8)
    scale, zero = np.float32(.1), np.uint8(1)
    for op in ("QLinearAdd", "QLinearMul"):
        one(op, [u8(2, 3), scale, zero, u8(2, 3), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8)
    for op in ("QLinearSigmoid", "QLinearLeakyRelu"):
        one(op, [u8(2, 3), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8)
    one("QLinearSoftmax", [u8(2, 3), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8, opset=17, axis=-1)
    one("QLinearReduceMean", [u8(2, 3, 4), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8, axes=[1])
    one("QLinearConcat", [scale, zero, u8(2, 3), scale, zero, u8(2, 4), scale, zero], MS, out_type=TensorProto.UINT8, axis=1)
    one("QLinearWhere", [np.ones((2, 3), bool), u8(2, 3), scale, zero, u8(2, 3), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8)
    for last in (0, 1):
        shape = (1, 5, 5, 4) if last else (1, 4, 5, 5)
        one("QLinearGlobalAveragePool", [u8(*shape), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8, channels_last=last, suffix=f"{last}")
        one("QLinearAveragePool", [u8(*shape), scale, zero, scale, zero], MS, out_type=TensorProto.UINT8, channels_last=last, kernel_shape=[2, 2], suffix=f"{last}")
        weights = u8(6, 4, 2, 2)
        one("QLinearConv", [u8(*shape), scale, zero, weights, scale, zero, scale, zero], MS if last else "", out_type=TensorProto.UINT8, suffix=f"{last}",
            **({"channels_last": 1} if last else {}))
    one("NhwcMaxPool", [u8(1, 5, 5, 4)], MS, out_type=TensorProto.UINT8, kernel_shape=[2, 2])
    one("QuantizeLinear", [f(2, 3), scale, np.uint16(1)], MS, out_type=TensorProto.UINT16, suffix="ms")
    one("DequantizeLinear", [u8(2, 3), scale, zero], MS, suffix="ms")
    one("MatMulNBits", [f(3, 32), u8(8, 1, 16), f(8)], MS, K=32, N=8, bits=4, block_size=32)
    one("Pad", [f(2, 3), i64(0, 1, 0, 1)], MS, suffix="ms")
    one("Unique", [f(5)], MS, outputs=("y", "i", "c"), suffix="ms")
    one("Inverse", [np.stack([np.eye(3, dtype=np.float32)] * 2)], MS)
    one("Trilu", [f(2, 3, 4)], MS, upper=1, suffix="ms")
    one("CDist", [f(3, 4), f(5, 4)], MS, metric="euclidean")
    one("ExpandDims", [f(2, 3), np.array(1, np.int32)], MS)
    one("MurmurHash3", [np.arange(4, dtype=np.int32)], MS, out_type=TensorProto.UINT32)
    one("CropAndResize", [f(1, 3, 6, 6), f(2, 4), np.zeros(2, np.int32), np.array([3, 3], np.int32)], MS)
    one("GridSample", [f(1, 2, 4, 4), f(1, 3, 3, 2)], MS, suffix="ms")
    one("NhwcFusedConv", [f(1, 6, 6, 8), f(16, 8, 3, 3), f(16)], MS)
    one("SparseToDenseMatMul", [f(3, 4), f(4, 5)], MS)
    one("ConvTransposeWithDynamicPads", [f(1, 2, 4, 4), f(2, 3, 3, 3), i64(0, 0, 0, 0)], MS)


def newer():
    axes = i64(1)
    for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"):
        for opset in (18, 20):
            one(op, [f(2, 3, 4), axes], opset=opset, keepdims=0)
            one(op, [f(2, 3, 4)], opset=opset, suffix="all")
    one("Split", [f(2, 6)], opset=18, axis=1, num_outputs=2, outputs=("y", "z"))
    one("Resize", [f(1, 2, 4, 4), None, np.array([1, 1, 2, 2], np.float32)], opset=19, mode="linear")
    one("Resize", [f(1, 2, 4, 4), None, None, i64(1, 2, 8, 8)], opset=19, mode="nearest", suffix="sizes")
    one("Resize", [f(1, 2, 4, 4), None, np.array([1, 1, 2, 2], np.float32)], opset=13, mode="cubic", suffix="cubic")
    one("Pad", [f(2, 3), i64(0, 1, 0, 1)], opset=18, mode="reflect", suffix="reflect")
    one("Pad", [f(2, 3), i64(0, 1, 0, 1)], opset=19, mode="wrap", suffix="wrap")
    one("Pad", [f(2, 3), i64(0, 1, 0, 1), np.float32(1), i64(0, 1)], opset=18, suffix="axes")
    one("GroupNormalization", [f(2, 4, 3, 3), f(2), f(2)], opset=18, num_groups=2)
    one("GroupNormalization", [f(2, 4, 3, 3), f(4), f(4)], opset=21, num_groups=2)
    one("RMSNormalization", [f(2, 3, 4), f(4)], opset=23)
    one("Attention", [f(2, 3, 8), f(2, 3, 8), f(2, 3, 8)], opset=23, q_num_heads=2, kv_num_heads=2, suffix="onnx")
    one("RotaryEmbedding", [f(2, 3, 8), f(5, 2), f(5, 2), np.zeros((2, 3), np.int64)], opset=23, num_heads=2, suffix="onnx")
    one("Gelu", [f(2, 3)], opset=20, suffix="onnx")
    one("Gelu", [f(2, 3)], opset=20, suffix="onnxtanh", approximate="tanh")
    one("Mish", [f(2, 3)], opset=18)
    one("BitwiseAnd", [u8(2, 3), u8(2, 3)], opset=18, out_type=TensorProto.UINT8)
    one("BitwiseOr", [u8(2, 3), u8(2, 3)], opset=18, out_type=TensorProto.UINT8)
    one("BitwiseNot", [u8(2, 3)], opset=18, out_type=TensorProto.UINT8)
    one("CenterCropPad", [f(4, 5), i64(3, 7)], opset=18)
    one("Col2Im", [f(1, 5, 5), i64(5, 5), i64(1, 5)], opset=18)
    one("GridSample", [f(1, 2, 4, 4), f(1, 3, 3, 2)], opset=20, mode="linear", suffix="onnx")
    one("AffineGrid", [f(1, 2, 3), i64(1, 2, 4, 4)], opset=20)
    one("DeformConv", [f(1, 1, 3, 3), f(1, 1, 2, 2), f(1, 8, 2, 2)], opset=19)
    one("DFT", [f(1, 8, 1), None, np.array(1, np.int64)], opset=20)
    one("IsInf", [f(2, 3)], opset=20, out_type=TensorProto.BOOL)
    one("IsNaN", [f(2, 3)], opset=20, out_type=TensorProto.BOOL)
    one("Cast", [f(2, 3)], opset=21, to=TensorProto.INT64, out_type=TensorProto.INT64)
    one("Reshape", [f(2, 3), i64(3, 2)], opset=21)
    one("Reshape", [f(2, 3), i64(0, -1)], opset=14, suffix="infer")
    one("Reshape", [f(2, 3), i64(-1)], opset=14, suffix="flat")
    one("Transpose", [f(2, 3, 4)], opset=21, perm=[2, 0, 1])
    one("QuantizeLinear", [f(2, 3), f(3), np.zeros(3, np.uint8)], opset=21, axis=1, out_type=TensorProto.UINT8)
    one("DequantizeLinear", [u8(2, 3), f(3), np.zeros(3, np.uint8)], opset=21, axis=1)
    one("AveragePool", [f(1, 2, 5, 5)], opset=19, kernel_shape=[2, 2], count_include_pad=1, dilations=[1, 1])
    one("MaxPool", [f(1, 8, 5, 5)], kernel_shape=[2, 2], strides=[2, 2])
    one("GlobalAveragePool", [f(1, 8, 5, 5)])
    one("Conv", [f(1, 16, 6, 6), f(16, 16, 3, 3), f(16)], pads=[1, 1, 1, 1])
    one("Conv", [f(1, 16, 6, 6), f(16, 1, 3, 3)], group=16, suffix="depthwise")
    one("Conv", [f(1, 4, 9), f(6, 4, 3)], suffix="1d")
    one("Conv", [f(1, 2, 5, 5, 5), f(3, 2, 2, 2, 2)], suffix="3d")
    for op in ("LSTM", "GRU", "RNN"):
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
        outputs = ("y", "h", "c") if op == "LSTM" else ("y", "h")
        one(op, [f(4, 3, 2), f(1, gates * 3, 2), f(1, gates * 3, 3)], hidden_size=3, outputs=outputs)
        one(op, [f(4, 3, 2), f(2, gates * 3, 2), f(2, gates * 3, 3), f(2, 2 * gates * 3)], hidden_size=3, direction="bidirectional", outputs=outputs, suffix="two")
    one("Einsum", [f(4, 5)], equation="ij->i")
    for i, (equation, operands) in enumerate((("bij,bjk->bik", [f(2, 3, 4), f(2, 4, 5)]), ("ij->ji", [f(4, 5)]), ("ij->", [f(4, 5)]), ("ii->i", [f(4, 4)]),
                                              ("ij,ij->i", [f(4, 5), f(4, 5)]), ("ij,jk->ik", [f(4, 5), f(5, 3)]), ("i,j->ij", [f(4), f(5)]),
                                              ("bhid,bhjd->bhij", [f(2, 2, 3, 4), f(2, 2, 5, 4)]), ("ij,j->i", [f(4, 5), f(5)]), ("ij->j", [f(4, 5)]))):
        one("Einsum", operands, equation=equation, suffix=f"_{i}")
    one("TopK", [f(2, 5), i64(2)], axis=1, outputs=("y", "i"))
    one("Gather", [f(5, 4), i64(0, 2)])
    one("Expand", [f(1, 4), i64(3, 4)])
    one("Expand", [f(2, 4), i64(1, 1)], suffix="ones")
    one("Tile", [f(2, 3), i64(2, 1)])
    one("Range", [np.float32(0), np.float32(5), np.float32(1)])
    one("Softmax", [f(2, 3, 4)], axis=1)
    one("MatMul", [f(2, 3, 4), f(4, 5)])
    one("MatMul", [f(3), f(3, 5)], suffix="vector")
    one("MatMul", [f(2, 2, 3, 4), f(2, 2, 4, 5)], suffix="4d")
    one("Gemm", [f(3, 4), f(5, 4), f(5)], transB=1)
    one("Concat", [f(2, 2, 3, 4), f(2, 2, 1, 4)], axis=2)
    one("Slice", [f(4, 5), i64(1), i64(3), i64(0)])
    one("Where", [np.ones((2, 3), bool), f(2, 3), np.float32(0)])
    one("Where", [np.ones((2, 3), bool), np.float32(1), np.float32(0)], suffix="scalars")
    one("RandomNormal", [], shape=[2, 3])
    one("RandomUniform", [], shape=[2, 3])
    one("CumSum", [f(2, 3), np.array(1, np.int64)])
    one("NonMaxSuppression", [f(1, 6, 4), f(1, 2, 6), i64(3), np.array([.5], np.float32), np.array([.1], np.float32)], out_type=TensorProto.INT64)
    one("RoiAlign", [f(1, 2, 6, 6), f(3, 4), np.zeros(3, np.int64)], output_height=2, output_width=2)
    one("ScatterND", [f(4, 5), np.array([[0], [2]], np.int64), f(2, 5)])
    one("GatherND", [f(4, 5), np.array([[0], [2]], np.int64)])
    one("GatherElements", [f(4, 5), np.zeros((2, 5), np.int64)])
    one("ScatterElements", [f(4, 5), np.zeros((2, 5), np.int64), f(2, 5)])
    one("OneHot", [i64(0, 1, 2), np.array(4, np.int64), np.array([0, 1], np.float32)])
    one("NonZero", [f(3, 4)], out_type=TensorProto.INT64)
    one("Compress", [f(3, 4), np.array([1, 0, 1], bool)], axis=0)
    one("InstanceNormalization", [f(2, 3, 4), f(3), f(3)])
    one("BatchNormalization", [f(2, 3, 4), f(3), f(3), f(3), f(3)])
    one("LRN", [f(1, 4, 3, 3)], size=3)
    one("ConvTranspose", [f(1, 2, 4, 4), f(2, 3, 3, 3)])
    one("DepthToSpace", [f(1, 4, 2, 2)], blocksize=2)
    one("SpaceToDepth", [f(1, 1, 4, 4)], blocksize=2)
    one("MatMulInteger", [u8(3, 4), u8(4, 5), np.uint8(1), np.uint8(1)], out_type=TensorProto.INT32)
    one("ConvInteger", [u8(1, 1, 4, 4), u8(1, 1, 2, 2), np.uint8(1)], out_type=TensorProto.INT32)
    one("DynamicQuantizeLinear", [f(2, 3)], outputs=("y", "s", "z"), out_type=TensorProto.UINT8)
    one("STFT", [f(1, 16, 1), np.array(4, np.int64), f(8)], onesided=1)
    for name, unary in (("unary", "Sqrt Exp Log Abs Neg Relu Sigmoid Tanh Erf Floor Ceil Round Sign Sin Cos Reciprocal Softplus Softsign HardSwish Identity".split()),):
        for op in unary:
            one(op, [f(2, 3)], suffix=name)
    for op in "Add Sub Mul Div Pow Min Max".split():
        one(op, [f(2, 3), f(3)], suffix="binary")
        one(op, [np.arange(1, 7, dtype=np.int64).reshape(2, 3), i64(1, 2, 3)], suffix="whole", out_type=TensorProto.INT64)
    for op in "Equal Less Greater LessOrEqual GreaterOrEqual".split():
        one(op, [f(2, 3), f(3)], suffix="binary", out_type=TensorProto.BOOL)
    one("Mod", [np.arange(1, 7, dtype=np.int64), i64(2)], suffix="binary", out_type=TensorProto.INT64)


def classic():
    one("Scaler", [f(2, 3)], ML, offset=[0., 1, 2], scale=[1., 2, 3])
    one("Normalizer", [f(2, 3)], ML, norm="L2")
    one("Binarizer", [f(2, 3)], ML, threshold=.5)
    one("Imputer", [f(2, 3)], ML, imputed_value_floats=[0.], replaced_value_float=1.)
    one("LinearRegressor", [f(2, 3)], ML, coefficients=[1., 2, 3], intercepts=[0.], targets=1)
    one("LinearClassifier", [f(2, 3)], ML, coefficients=[1., 2, 3, 4, 5, 6], intercepts=[0., 1], classlabels_ints=[0, 1], outputs=("y", "s"),
        out_type=TensorProto.INT64)
    one("ArrayFeatureExtractor", [f(2, 3), i64(0, 2)], ML)
    one("FeatureVectorizer", [f(2, 3), f(2, 2)], ML, inputdimensions=[3, 2])
    one("OneHotEncoder", [i64(0, 1, 2)], ML, cats_int64s=[0, 1, 2])
    one("LabelEncoder", [i64(0, 1, 2)], ML, keys_int64s=[0, 1, 2], values_floats=[.1, .2, .3])
    tree = dict(nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_values=[.5, 0., 0.],
                nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0])
    one("TreeEnsembleRegressor", [f(2, 3)], ML, n_targets=1, target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1., 2.], **tree)
    one("TreeEnsembleClassifier", [f(2, 3)], ML, class_treeids=[0, 0], class_nodeids=[1, 2], class_ids=[0, 1], class_weights=[1., 1.],
        classlabels_int64s=[0, 1], outputs=("y", "s"), out_type=TensorProto.INT64, **tree)
    one("SVMRegressor", [f(2, 3)], ML, coefficients=[1., 1.], support_vectors=[1., 2, 3, 4, 5, 6], n_supports=2, rho=[0.], kernel_type="RBF", kernel_params=[.1, 0., 3.])


def patterns():
    def layer_norm(x, y, prefix=""):
        p = prefix
        return [node("ReduceMean", [x], [p + "mean"], axes=[-1], keepdims=1), node("Sub", [x, p + "mean"], [p + "centered"]),
                node("Pow", [p + "centered", "two"], [p + "squared"]), node("ReduceMean", [p + "squared"], [p + "variance"], axes=[-1], keepdims=1),
                node("Add", [p + "variance", "epsilon"], [p + "safe"]), node("Sqrt", [p + "safe"], [p + "deviation"]),
                node("Div", [p + "centered", p + "deviation"], [p + "normal"]), node("Mul", [p + "normal", "gamma"], [p + "scaled"]),
                node("Add", [p + "scaled", "beta"], [y])]

    def gelu(x, y):
        return [node("Div", [x, "root"], ["divided"]), node("Erf", ["divided"], ["erf"]), node("Add", ["erf", "one"], ["more"]),
                node("Mul", [x, "more"], ["product"]), node("Mul", ["product", "half"], [y])]

    constants = dict(two=np.float32(2), epsilon=np.float32(1e-5), gamma=f(8), beta=f(8), root=np.float32(2 ** .5), one=np.float32(1), half=np.float32(.5))
    case("pattern_layer_norm", layer_norm("x", "y"), {"x": f(2, 3, 8)}, constants=constants, opset=13)
    case("pattern_skip_layer_norm", [node("Add", ["x", "z"], ["sum"])] + layer_norm("sum", "y"), {"x": f(2, 3, 8), "z": f(2, 3, 8)}, constants=constants, opset=13)
    case("pattern_gelu", gelu("x", "y"), {"x": f(2, 3, 8)}, constants=constants, opset=13)
    case("pattern_bias_gelu", [node("Add", ["x", "beta"], ["biased"])] + gelu("biased", "y"), {"x": f(2, 3, 8)}, constants=constants, opset=13)
    case("pattern_dense", [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["s"]), node("Relu", ["s"], ["y"])],
         {"x": f(2, 8)}, constants=dict(w=f(8, 4), b=f(4)))
    case("pattern_conv_relu", [node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]), node("Relu", ["c"], ["r"]), node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2]),
                               node("GlobalAveragePool", ["p"], ["y"])], {"x": f(1, 16, 8, 8)}, constants=dict(w=f(32, 16, 3, 3), b=f(32)))
    case("pattern_residual", [node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]), node("Add", ["c", "x"], ["s"]), node("Relu", ["s"], ["y"])],
         {"x": f(1, 16, 8, 8)}, constants=dict(w=f(16, 16, 3, 3), b=f(16)))
    case("pattern_conv_bn", [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "g", "h", "m", "v"], ["n"]), node("HardSigmoid", ["n"], ["y"])],
         {"x": f(1, 4, 8, 8)}, constants=dict(w=f(8, 4, 3, 3), g=f(8), h=f(8), m=f(8), v=f(8)))
    case("pattern_upsample", [node("Conv", ["x", "w"], ["c"]), node("Resize", ["c", "", "scales"], ["y"], mode="nearest")],
         {"x": f(1, 16, 8, 8)}, constants=dict(w=f(16, 16, 1, 1), scales=np.array([1, 1, 2, 2], np.float32)))
    case("pattern_concat_pool", [node("Conv", ["x", "w"], ["c"]), node("Conv", ["x", "w"], ["d"]), node("Concat", ["c", "d"], ["e"], axis=1),
                                 node("AveragePool", ["e"], ["y"], kernel_shape=[2, 2])], {"x": f(1, 16, 8, 8)}, constants=dict(w=f(16, 16, 3, 3)))
    case("pattern_scaled_matmul", [node("Transpose", ["k"], ["t"], perm=[0, 1, 3, 2]), node("MatMul", ["q", "t"], ["m"]), node("Div", ["m", "eight"], ["d"]),
                                   node("Add", ["d", "mask"], ["a"]), node("Softmax", ["a"], ["p"], axis=-1), node("MatMul", ["p", "v"], ["y"])],
         {"q": f(1, 2, 3, 4), "k": f(1, 2, 5, 4), "v": f(1, 2, 5, 4), "mask": f(1, 1, 3, 5)}, constants=dict(eight=np.float32(8)))
    case("pattern_decoder_step", [node("Concat", ["past", "k"], ["keys"], axis=2), node("Transpose", ["keys"], ["t"], perm=[0, 1, 3, 2]),
                                  node("MatMul", ["q", "t"], ["m"]), node("Softmax", ["m"], ["p"], axis=-1), node("MatMul", ["p", "keys"], ["y"])],
         {"past": f(1, 2, 5, 4), "k": f(1, 2, 1, 4), "q": f(1, 2, 1, 4)})
    case("pattern_quick_gelu", [node("Mul", ["x", "alpha"], ["s"]), node("Sigmoid", ["s"], ["g"]), node("Mul", ["x", "g"], ["y"])], {"x": f(2, 8)},
         constants=dict(alpha=np.float32(1.702)))
    quantized = dict(s=np.float32(.05), z=np.uint8(128), w=i8(8, 4), wz=np.int8(0), cw=i8(8, 4, 3, 3), bias=np.zeros(8, np.int32))
    case("pattern_qdq_matmul", [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                                node("DequantizeLinear", ["w", "s", "wz"], ["dw"]), node("MatMul", ["d", "dw"], ["m"]),
                                node("QuantizeLinear", ["m", "s", "z"], ["mq"]), node("DequantizeLinear", ["mq", "s", "z"], ["y"])],
         {"x": f(2, 8)}, constants=quantized)
    case("pattern_qdq_conv", [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                              node("DequantizeLinear", ["cw", "s", "wz"], ["dw"]), node("Conv", ["d", "dw"], ["m"]),
                              node("QuantizeLinear", ["m", "s", "z"], ["mq"]), node("DequantizeLinear", ["mq", "s", "z"], ["y"])],
         {"x": f(1, 4, 6, 6)}, constants=quantized)
    case("pattern_dynamic_quantize", [node("DynamicQuantizeLinear", ["x"], ["q", "qs", "qz"]), node("MatMulInteger", ["q", "w", "qz", "wz"], ["m"]),
                                      node("Cast", ["m"], ["c"], to=TensorProto.FLOAT), node("Mul", ["qs", "s"], ["both"]), node("Mul", ["c", "both"], ["y"])],
         {"x": f(2, 8)}, constants=quantized)


def value_info(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype) if hasattr(helper, "np_dtype_to_tensor_dtype")
                                         else onnx.mapping.NP_TYPE_TO_TENSOR_TYPE[array.dtype], array.shape)


def write(folder, name, nodes, inputs, outputs, constants, opset, out_type):
    inputs = {key: np.asarray(value) for key, value in inputs.items()}
    used = {name for one_node in nodes for name in one_node.input}
    graph = helper.make_graph(nodes, name, [value_info(key, value) for key, value in inputs.items()],
                              [helper.make_tensor_value_info(outputs[0], out_type, None)],
                              [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items() if key in used])
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(MS, 1), helper.make_opsetid(ML, 3)]
    model = helper.make_model(graph, ir_version=8, opset_imports=opsets)
    target = Path(folder) / name / "test_data_set_0"
    target.mkdir(parents=True, exist_ok=True)
    (target.parent / "model.onnx").write_bytes(model.SerializeToString())
    for i, (key, value) in enumerate(inputs.items()):
        (target / f"input_{i}.pb").write_bytes(numpy_helper.from_array(value, key).SerializeToString())


def main():
    for add in (contrib, newer, classic, patterns):
        add()
    names = [one_case[0] for one_case in CASES]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    for one_case in CASES:
        write(sys.argv[1], *one_case)


main()
