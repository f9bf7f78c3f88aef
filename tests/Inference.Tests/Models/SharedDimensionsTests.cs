using Inference.Models;
using Inference.Tensors;

namespace Inference.Tests.Models;

public sealed class SharedDimensionsTests
{
    private static readonly ModelSignature Signature = new(
        [Spec("a", ["n", "m"]), Spec("b", ["n", ""]), Spec("c", ["k", "k"])], [Spec("y", ["n", "k"])]);

    [Fact]
    public void DescribeDifference_EqualSizes_IsNull() =>
        Assert.Null(Describe(new Shape(2, 3), new Shape(2, 5), new Shape(4, 4)));

    [Fact]
    public void DescribeDifference_OfTwoInputs_NamesBothAndTheDimension() => Assert.Equal(
        "Input \"b\" has shape [3,5] and input \"a\" has [2,3]: dimension 0 of the first and dimension 0 of the second have the "
        + "same name, \"n\". Send equal sizes.",
        Describe(new Shape(2, 3), new Shape(3, 5), new Shape(4, 4)));

    [Fact]
    public void DescribeDifference_WithinOneInput_IsFound() =>
        Assert.Contains("dimension 1 of the first and dimension 0 of the second",
            Describe(new Shape(2, 3), new Shape(2, 5), new Shape(4, 5)), StringComparison.Ordinal);

    /// <summary>The shape of an output with such a dimension is not known before the run.</summary>
    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void TryResolve_ADimensionOfTwoSizes_IsUnknown(long size, bool isKnown)
    {
        using var a = Tensor.Rent(ElementType.Float32, new Shape(2, 3));
        using var b = Tensor.Rent(ElementType.Float32, new Shape(2, 5));
        using var c = Tensor.Rent(ElementType.Float32, new Shape(4, size));

        Assert.Equal(isKnown, OutputShapes.TryResolve(Signature.Outputs[0], Signature, [a, b, c], out var shape));
        Assert.Equal(isKnown ? new Shape(2, 4) : default, shape);
    }

    private static string? Describe(params Shape[] shapes)
    {
        var inputs = Array.ConvertAll(shapes, shape => Tensor.Rent(ElementType.Float32, shape));
        try
        {
            return SharedDimensions.DescribeDifference(Signature, inputs);
        }
        finally
        {
            Array.ForEach(inputs, input => input.Dispose());
        }
    }

    private static TensorSpec Spec(string name, string[] symbols) =>
        new(name, ElementType.Float32, new Shape([.. symbols.Select(_ => Shape.Dynamic)]), [.. symbols]);
}
