using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Inference.Testing.OnnxProto;

namespace Inference.Testing;

/// <summary>
/// Generated models that differ in size, in run time, and in their failures. Unless its summary says otherwise, a model has an input "x" of
/// FP32 [batch, 4] and an output "y".
/// </summary>
public static class GeneratedModels
{
    public const int Columns = 4;

    /// <summary>The largest index that <see cref="Table"/> accepts.</summary>
    public const int LastIndex = 3;

    private static readonly OnnxProto Input = Value("x", OnnxType.Float, -1, Columns);
    private static readonly OnnxProto Output = Value("y", OnnxType.Float, -1, Columns);

    private static readonly OnnxProto[] TwoOfLengthN = [Value("a", OnnxType.Float, 2, -1), Value("b", OnnxType.Float, 2, -1)];

    /// <summary>y = factor · x.</summary>
    public static byte[] Scaling(float factor) => Model(Graph(
        [Node("Mul", ["x", "factor"], ["y"])], [Input], [Output], Floats("factor", factor)));

    /// <summary>y [batch, 1] = factor · (the sum of x). The weights have <paramref name="bytes"/> bytes.</summary>
    public static byte[] Weights(long bytes, float factor)
    {
        var width = bytes / sizeof(float) / (Columns + 1);
        return Model(Graph(
            [Node("MatMul", ["x", "wide"], ["h"]), Node("MatMul", ["h", "narrow"], ["y"])],
            [Input], [Value("y", OnnxType.Float, -1, 1)],
            Floats("wide", factor, Columns, width), Floats("narrow", 1f / width, width, 1)));
    }

    /// <summary>y = x, after <paramref name="iterations"/> matrix products of about 15 µs each.</summary>
    /// <param name="iterations"><see cref="long.MaxValue"/> for a run that never ends.</param>
    public static byte[] Loop(long iterations)
    {
        var matrix = new long[] { 64, 64 };
        var body = Graph(
            [
                Node("MatMul", ["matrix_in", "matrix_in"], ["square"]), Node("Mul", ["square", "scale"], ["matrix_out"]),
                Node("Identity", ["go_in"], ["go_out"]),
            ],
            [Value("iteration", OnnxType.Int64), Value("go_in", OnnxType.Bool), Value("matrix_in", OnnxType.Float, matrix)],
            [Value("go_out", OnnxType.Bool), Value("matrix_out", OnnxType.Float, matrix)],
            Floats("scale", 1f / 64));
        return Model(Graph(
            [
                // The loop depends on the input, so that no optimizer runs it during the load.
                Node("ReduceMax", ["x"], ["most"], Attribute("keepdims", 0)), Node("Mul", ["most", "zero"], ["none"]),
                Node("Add", ["ones", "none"], ["start"]),
                Node("Loop", ["count", "go", "start"], ["matrix"], Attribute("body", body)),
                Node("ReduceMax", ["matrix"], ["largest"], Attribute("keepdims", 0)), Node("Mul", ["largest", "zero"], ["nothing"]),
                Node("Add", ["x", "nothing"], ["y"]),
            ],
            [Input], [Output],
            Int64Scalar("count", iterations), Tensor("go", OnnxType.Bool, [1]), Floats("ones", 1, matrix), Floats("zero", 0)));
    }

    /// <summary>y = 10 · (x + 1) for the indices 0 to <see cref="LastIndex"/>; every other index fails the run.</summary>
    public static byte[] Table()
    {
        var table = new byte[(LastIndex + 1) * sizeof(float)];
        for (var index = 0; index <= LastIndex; index++)
            BinaryPrimitives.WriteSingleLittleEndian(table.AsSpan(index * sizeof(float)), 10 * (index + 1));
        return Model(Graph(
            [Node("Cast", ["x"], ["index"], Attribute("to", OnnxType.Int64)), Node("Gather", ["table", "index"], ["y"])],
            [Input], [Output], Tensor("table", OnnxType.Float, table, LastIndex + 1)));
    }

    /// <summary>
    /// y is the sum of all products of two elements of x, which is FP32 [batch, length]. Between input and output, the model uses memory
    /// for length · length elements.
    /// </summary>
    /// <param name="length">The name of the second dimension.</param>
    public static byte[] Square(string length = "length") => Model(Graph(
        [
            Node("Unsqueeze", ["x", "one"], ["row"]), Node("Unsqueeze", ["x", "two"], ["column"]),
            Node("MatMul", ["column", "row"], ["square"]), Node("ReduceSum", ["square", "both"], ["sum"], Attribute("keepdims", 0)),
            Node("Unsqueeze", ["sum", "one"], ["y"]),
        ],
        [Named("x", OnnxType.Float, "batch", length)], [Value("y", OnnxType.Float, -1, 1)],
        Int64s("one", 1), Int64s("two", 2), Int64s("both", 1, 2)));

    /// <summary>
    /// y = a and b, each FP32 [2, n], joined along the second dimension. This dimension has the same name in both inputs, but the model
    /// accepts different sizes.
    /// </summary>
    public static byte[] Concatenated() => Model(Graph(
        [Node("Concat", ["a", "b"], ["y"], Attribute("axis", 1))], TwoOfLengthN, [Named("y", OnnxType.Float, "", "sum")]));

    /// <summary>y = a + b, each FP32 [2, n].</summary>
    public static byte[] Sum() => Model(Graph(
        [Node("Add", ["a", "b"], ["y"])], TwoOfLengthN, [Value("y", OnnxType.Float, 2, -1)]));

    /// <summary>keys = past followed by next, each FP32 [batch, 2, length, 4]. A decoder's cache has this form, and starts empty.</summary>
    public static byte[] Cache() => Model(Graph(
        [Node("Concat", ["past", "next"], ["keys"], Attribute("axis", 2))],
        [Sized("past", -1, 2, -1, 4), Sized("next", -1, 2, -1, 4)],
        [Sized("keys", -1, 2, -1, 4)]));

    /// <summary>y = -x, FP32 with three dynamic dimensions.</summary>
    public static byte[] Negated() => Model(Graph([Node("Neg", ["x"], ["y"])], [Sized("x", -1, -1, -1)], [Sized("y", -1, -1, -1)]));

    /// <summary>y = -x, FP32; the model declares no shapes.</summary>
    public static byte[] Unranked() => Model(Graph(
        [Node("Neg", ["x"], ["y"])], [OnnxProto.Unranked("x", OnnxType.Float)], [OnnxProto.Unranked("y", OnnxType.Float)]));

    /// <summary>The last state of an LSTM over x, FP32 [length, batch, 3]. ONNX Runtime 1.31 ends the process when batch is 0.</summary>
    public static byte[] Recurrent() => Model(Graph(
        [Node("LSTM", ["x", "w", "r"], ["", "y"], Attribute("hidden_size", 2))],
        [Sized("x", -1, -1, 3)], [Sized("y", 1, -1, 2)], Floats("w", 0.1f, 1, 8, 3), Floats("r", 0.1f, 1, 8, 2)));

    /// <summary>The same LSTM in both branches of an If.</summary>
    public static byte[] RecurrentBranch()
    {
        var branch = Graph([Node("LSTM", ["x", "w", "r"], ["", "h"], Attribute("hidden_size", 2))], [], [Sized("h", 1, -1, 2)]);
        return Model(Graph(
            [Node("If", ["condition"], ["y"], Attribute("then_branch", branch), Attribute("else_branch", branch))],
            [OnnxProto.Value("condition", OnnxType.Bool), Sized("x", -1, -1, 3)], [Sized("y", 1, -1, 2)],
            Floats("w", 0.1f, 1, 8, 3), Floats("r", 0.1f, 1, 8, 2)));
    }

    /// <summary>y = [7, 7]. The model has no inputs.</summary>
    public static byte[] Constant() => Model(Graph(
        [Node("Identity", ["seven"], ["y"])], [], [Value("y", OnnxType.Float, 2)], Floats("seven", 7, 2)));

    /// <summary>An FP32 tensor. A size of -1 is a dynamic dimension without a name.</summary>
    private static OnnxProto Sized(string name, params long[] shape) => OnnxProto.Value(
        name, OnnxType.Float, shape.Select(size => size < 0 ? new OnnxProto() : new OnnxProto().Number(1, size)));

    private static OnnxProto Int64s(string name, params long[] values) =>
        Tensor(name, OnnxType.Int64, MemoryMarshal.AsBytes<long>(values), values.Length);

    private static OnnxProto Int64Scalar(string name, long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Tensor(name, OnnxType.Int64, bytes);
    }
}
