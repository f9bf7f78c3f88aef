using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Tests.Models;

public sealed class DimensionLimitsTests
{
    private static readonly ModelSignature Signature = new(
        [
            new TensorSpec("ids", ElementType.Int64, new Shape(-1, -1), ["batch", "sequence"]),
            new TensorSpec("image", ElementType.Float32, new Shape(-1, 3, -1), ["batch", "", ""]),
        ],
        []);

    [Theory]
    [InlineData("sequence", 4, 7, null)]
    [InlineData("sequence", 5, 7, "Input \"ids\" has shape [2,5]: its dimension 1 (\"sequence\") is 5")]
    [InlineData("ids[1]", 5, 7, "Input \"ids\" has shape [2,5]: its dimension 1 (\"sequence\") is 5")]
    [InlineData("image[2]", 5, 4, null)]
    [InlineData("image[2]", 5, 7, "Input \"image\" has shape [2,3,7]: its dimension 2 is 7")]
    public void ThrowIfExceeded_LimitOfFour_RefusesMoreOfThatDimensionOnly(string name, int sequence, int width, string? message)
    {
        var sut = DimensionLimits.Create(Limit(name), Signature)!;
        using var ids = Tensor.Rent(ElementType.Int64, new Shape(2, sequence));
        using var image = Tensor.Rent(ElementType.Float32, new Shape(2, 3, width));

        var error = Record.Exception(() => sut.ThrowIfExceeded([ids, image]));

        Assert.Equal(message is null, error is null);
        Assert.StartsWith(message ?? "", error?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch", true)]
    [InlineData("image[0]", true)]
    [InlineData("image[1]", false)]
    [InlineData("image[3]", false)]
    [InlineData("", false)]
    [InlineData("other", false)]
    public void Find_Names_AreThoseOfDynamicDimensions(string name, bool isKnown) =>
        Assert.Equal(isKnown, !DimensionLimits.FindProblems(Limit(name), Signature).Any());

    [Fact]
    public void Create_NoLimits_IsNull() => Assert.Null(DimensionLimits.Create(new LimitSettings(), Signature));

    private static LimitSettings Limit(string name) => new() { Dimensions = ImmutableSortedDictionary<string, long>.Empty.Add(name, 4) };
}
