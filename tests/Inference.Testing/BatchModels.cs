using System.Runtime.InteropServices;
using static Inference.Testing.OnnxProto;

namespace Inference.Testing;

/// <summary>
/// Models whose items are independent, or depend on each other in one operator. Unless its summary says otherwise, a model maps "x" FP32
/// [batch, 4] to "y" of the same shape.
/// </summary>
public static class BatchModels
{
    private static readonly OnnxProto X = Value("x", OnnxType.Float, -1, 4);
    private static readonly OnnxProto Y = Value("y", OnnxType.Float, -1, 4);

    /// <summary>y = x + factor · (the mean of x over all items).</summary>
    public static byte[] LeakingMean(float factor) => Leaking("ReduceMean", factor);

    /// <summary>y = x + factor · (the largest x of all items).</summary>
    public static byte[] LeakingMaximum(float factor) => Leaking("ReduceMax", factor);

    /// <summary>y = 2x, with a dynamic second dimension.</summary>
    public static byte[] OpenLength() => Model(Graph(
        [Node("Add", ["x", "x"], ["y"])],
        [Named("x", OnnxType.Float, "batch", "length")], [Named("y", OnnxType.Float, "batch", "length")]));

    /// <summary>y = 2x, where an item has <paramref name="columns"/> numbers.</summary>
    public static byte[] Wide(long columns) => Model(Graph(
        [Node("Add", ["x", "x"], ["y"])], [Value("x", OnnxType.Float, -1, columns)], [Value("y", OnnxType.Float, -1, columns)]));

    /// <summary>y = x + the sum of "state" [2, batch, 4] over its first dimension; "next" is half of "state".</summary>
    public static byte[] State() => Model(Graph(
        [
            Node("ReduceSum", ["state", "first"], ["sum"], Attribute("keepdims", 0)), Node("Add", ["x", "sum"], ["y"]),
            Node("Mul", ["state", "half"], ["next"]),
        ],
        [X, Value("state", OnnxType.Float, 2, -1, 4)],
        [Y, Value("next", OnnxType.Float, 2, -1, 4)],
        Int64s("first", 0), Floats("half", 0.5f)));

    /// <summary>y = x, and "next" is the running sum of "state" over the items. The tensors are those of <see cref="State"/>.</summary>
    public static byte[] MixedState() => Model(Graph(
        [Node("Identity", ["x"], ["y"]), Node("CumSum", ["state", "axis"], ["next"])],
        [X, Value("state", OnnxType.Float, 2, -1, 4)],
        [Y, Value("next", OnnxType.Float, 2, -1, 4)],
        Tensor("axis", OnnxType.Int64, MemoryMarshal.AsBytes<long>([1]))));

    /// <summary>y = scale · x. All items share the scalar "scale".</summary>
    public static byte[] SharedScale() => Model(Graph(
        [Node("Mul", ["x", "scale"], ["y"])], [X, Value("scale", OnnxType.Float)], [Y]));

    /// <summary>"y" INT64 [batch] is the index of the largest number of each item.</summary>
    public static byte[] Largest() => Model(Graph(
        [Node("ArgMax", ["x"], ["y"], Attribute("axis", 1), Attribute("keepdims", 0))], [X], [Value("y", OnnxType.Int64, -1)]));

    /// <summary>y has two rows for each item: [2 · batch, 2].</summary>
    public static byte[] TwoRowsEach() => Model(Graph(
        [Node("Reshape", ["x", "pairs"], ["y"])], [X], [Value("y", OnnxType.Float, -1, 2)], Int64s("pairs", -1, 2)));

    /// <summary>Looks up "x" INT64 [batch] in a table of ones. An index outside the table fails the run.</summary>
    /// <param name="entries">The number of entries of the table.</param>
    /// <param name="first">The index of the first entry.</param>
    public static byte[] Table(int entries, long first) => Model(Graph(
        [Node("Sub", ["x", "first"], ["index"]), Node("Gather", ["table", "index"], ["y"])],
        [Value("x", OnnxType.Int64, -1)], [Value("y", OnnxType.Float, -1)],
        Floats("table", 1, entries), Int64s("first", first)));

    /// <summary>Like <see cref="Table"/>, but the result is multiplied by the sum of x over all items.</summary>
    public static byte[] LeakingTable(int entries, long first) => Model(Graph(
        [
            Node("Sub", ["x", "first"], ["index"]), Node("Gather", ["table", "index"], ["row"]),
            Node("ReduceSum", ["x"], ["sum"]), Node("Cast", ["sum"], ["factor"], Attribute("to", OnnxType.Float)),
            Node("Mul", ["row", "factor"], ["y"]),
        ],
        [Value("x", OnnxType.Int64, -1)], [Value("y", OnnxType.Float, -1)],
        Floats("table", 1, entries), Int64s("first", first)));

    /// <summary>"y" [batch, 1] is the mean of those elements of "x" [batch, length] that have a one in "mask" [batch, length].</summary>
    /// <param name="masked">Whether the sum is divided by the number of ones, as a mean is. Otherwise it is divided by the length.</param>
    public static byte[] MaskedMean(bool masked) => Model(Graph(
        [
            Node("Mul", ["x", "mask"], ["seen"]),
            masked ? Node("ReduceSum", ["seen", "last"], ["sum"]) : Node("ReduceMean", ["seen"], ["y"], Axes(1)),
            .. masked
                ? [Node("ReduceSum", ["mask", "last"], ["count"]), Node("Max", ["count", "one"], ["some"]),
                    Node("Div", ["sum", "some"], ["y"])]
                : (OnnxProto[])[],
        ],
        [Named("x", OnnxType.Float, "batch", "length"), Named("mask", OnnxType.Float, "batch", "length")],
        [Value("y", OnnxType.Float, -1, 1)],
        Int64s("last", 1), Floats("one", 1)));

    /// <summary>y = x, rounded to FP16 by a multiplication with an FP16 weight of 1.</summary>
    /// <param name="leaks">Whether a thousandth of the mean of x over all items is added.</param>
    public static byte[] HalfPrecision(bool leaks) => Model(Graph(
        [
            Node("Cast", ["x"], ["half"], Attribute("to", OnnxType.Float16)), Node("Mul", ["half", "weight"], ["product"]),
            Node("Cast", ["product"], [leaks ? "own" : "y"], Attribute("to", OnnxType.Float)),
            .. leaks
                ? [
                    Node("ReduceMean", ["x"], ["shared"], Axes(0)), Node("Mul", ["shared", "thousandth"], ["leak"]),
                    Node("Add", ["own", "leak"], ["y"]),
                ]
                : (OnnxProto[])[],
        ],
        [X], [Y], Tensor("weight", OnnxType.Float16, [0x00, 0x3c], 1), Floats("thousandth", 0.001f)));

    /// <summary>y = log(-1 - x · x), which is NaN for every x.</summary>
    public static byte[] NeverFinite() => Model(Graph(
        [
            Node("Mul", ["x", "x"], ["square"]), Node("Sub", ["minus", "square"], ["negative"]), Node("Log", ["negative"], ["y"]),
        ],
        [X], [Y], Floats("minus", -1)));

    private static OnnxProto Axes(long axis) => new OnnxProto().Text(1, "axes").Number(8, axis).Number(20, 7);

    private static byte[] Leaking(string reduction, float factor) => Model(Graph(
        [
            Node(reduction, ["x"], ["shared"], Axes(0)),
            Node("Mul", ["shared", "factor"], ["leak"]), Node("Add", ["x", "leak"], ["y"]),
        ],
        [X], [Y], Floats("factor", factor)));

    private static OnnxProto Int64s(string name, params long[] values) =>
        Tensor(name, OnnxType.Int64, MemoryMarshal.AsBytes<long>(values), values.Length);
}
