using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Tests.Requests;

public sealed class RequestSizeTests
{
    private static readonly ModelSignature Widening = new([Spec("x", "n", "", 2)], [Spec("y", "m", "", 500)]);

    private static readonly ModelSignature Tokens = new(
        [Spec("ids", "batch", "sequence", Shape.Dynamic), Spec("mask", "batch", "sequence", Shape.Dynamic)],
        [Spec("y", "batch", "sequence", Shape.Dynamic)]);

    [Fact]
    public void ThrowIfTooLarge_OutputsExceedTheLimit_ReportsTheNumbers()
    {
        // An item takes 8 bytes as an input and 2000 as an output.
        using var ten = Floats(new Shape(10, 2));
        using var nine = Floats(new Shape(9, 2));

        var exception = Assert.Throws<InferenceException>(
            () => RequestSize.ThrowIfTooLarge(Widening, [ten], Widening.AllOutputs, runsInGroups: false, limit: 20_079));
        RequestSize.ThrowIfTooLarge(Widening, [nine], Widening.AllOutputs, runsInGroups: false, limit: 20_079);

        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        Assert.Equal(
            "The inputs and outputs of the request need 20080 bytes, but one request may need at most 20079. Send fewer or smaller items.",
            exception.Message);
    }

    /// <summary>The tensors of the groups and of the whole request are in memory at the same time, so both count.</summary>
    [Fact]
    public void ThrowIfTooLarge_GroupsAndTheWholeExceedTheLimit_Refuses()
    {
        // Two texts of at most 8 tokens: two inputs and an output of 64 bytes, once whole and once in groups.
        const int Bytes = 2 * 3 * 64;
        using var ids = Floats(new Shape(2, 8));
        using var mask = Floats(new Shape(2, 8));
        RequestSize.ThrowIfTooLarge(Tokens, [ids, mask], Tokens.AllOutputs, runsInGroups: true, limit: Bytes);

        var exception = Assert.Throws<InferenceException>(
            () => RequestSize.ThrowIfTooLarge(Tokens, [ids, mask], Tokens.AllOutputs, runsInGroups: true, limit: Bytes - 1));

        Assert.Contains($"need {Bytes} bytes", exception.Message, StringComparison.Ordinal);
    }

    private static Tensor Floats(Shape shape) => Tensor.Create<float>(ElementType.Float32, shape, new float[shape.ElementCount]);

    private static TensorSpec Spec(string name, string rows, string columns, long size) =>
        new(name, ElementType.Float32, new Shape(Shape.Dynamic, size), [rows, columns]);
}
