using Inference.Batching;
using Inference.Tensors;

namespace Inference.Tests.Batching;

public sealed class AuditComparisonTests
{
    [Theory]
    [InlineData(1f, 1.00005f, true)]
    [InlineData(1f, 1.0005f, false)]
    [InlineData(float.NaN, float.NaN, true)]
    [InlineData(float.NaN, 1f, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, false)]
    [InlineData(float.PositiveInfinity, 1f, false)]
    // A difference this small can be the rounding error of a sum of larger terms.
    [InlineData(0f, 5e-8f, true)]
    public void Find_Numbers(float left, float right, bool agrees) => Assert.Equal(agrees, Find(Numbers(left), Numbers(right)) is null);

    /// <summary>A small element may be the sum of terms as large as the largest element, and then has their rounding error.</summary>
    [Fact]
    public void Find_SmallElementBesideALargeOne_MayDifferByTheRoundingOfTheLargeOne()
    {
        Assert.Null(Find(Numbers(1000, 0), Numbers(1000, 0.005f)));
        Assert.Equal(new OutputDifference(0, new Shape(1), "0", "0.25"), Find(Numbers(1000, 0), Numbers(1000, 0.25f)));
    }

    [Fact]
    public void Find_OtherShape_Differs()
    {
        using var left = Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [1, 2]);

        Assert.Equal(new OutputDifference(0, null, "[1,2]", "[2]"), AuditComparison.Find([left], [Numbers(1, 2)]));
    }

    [Fact]
    public void Find_Half_HasAWiderTolerance()
    {
        Assert.Null(Find(Halves(1), Halves(1.005f)));
        Assert.NotNull(Find(Halves(1), Halves(1.05f)));
    }

    [Theory]
    [InlineData(7, 8, true)]
    [InlineData(7, 9, false)]
    [InlineData(int.MinValue, int.MaxValue, false)]
    public void Find_Integers(int left, int right, bool agrees) => Assert.Equal(agrees, Find(Integers(left), Integers(right)) is null);

    [Fact]
    public void Find_LabelOfATie_IsNoDifference()
    {
        using var tie = Tensor.Create<float>(ElementType.Float32, new Shape(2, 3), [0.1f, 0.8f, 0.1f, 0.45f, 0.1f, 0.45f]);
        using var clear = Tensor.Create<float>(ElementType.Float32, new Shape(2, 3), [0.1f, 0.8f, 0.1f, 0.45f, 0.1f, 0.40f]);

        Assert.Null(AuditComparison.Find([Integers(1, 0), tie], [Integers(1, 2), tie]));
        Assert.Equal(
            new OutputDifference(0, new Shape(1), "0", "2"), AuditComparison.Find([Integers(1, 0), clear], [Integers(1, 2), clear]));
        Assert.NotNull(AuditComparison.Find([Integers(0, 0), tie], [Integers(2, 0), tie]));
        Assert.Null(AuditComparison.Find([tie, Texts("a", "b")], [tie, Texts("a", "c")]));
        Assert.Equal(new OutputDifference(0, new Shape(0), "a string of 1 byte", "a string of 2 bytes"),
            AuditComparison.Find([Texts("a")], [Texts("bc")]));
    }

    [Fact]
    public void Find_FewElementsOfALabelMap_AreNoDifference()
    {
        var labels = Enumerable.Range(0, 1000).ToArray();
        var few = labels.Select(label => label < 10 ? label + 50 : label).ToArray();
        var more = labels.Select(label => label < 11 ? label + 50 : label).ToArray();

        Assert.Null(Find(Integers(labels), Integers(few)));
        Assert.NotNull(Find(Integers(labels), Integers(more)));
    }

    private static OutputDifference? Find(Tensor left, Tensor right)
    {
        using (left)
        using (right)
            return AuditComparison.Find([left], [right]);
    }

    private static Tensor Numbers(params float[] values) => Tensor.Create<float>(ElementType.Float32, new Shape(values.Length), values);

    private static Tensor Halves(params float[] values) =>
        Tensor.Create<Half>(ElementType.Float16, new Shape(values.Length), [.. values.Select(value => (Half)value)]);

    private static Tensor Integers(params int[] values) => Tensor.Create<int>(ElementType.Int32, new Shape(values.Length), values);

    private static Tensor Texts(params string[] values)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        foreach (var value in values)
            builder.AppendBytes(System.Text.Encoding.UTF8.GetBytes(value));
        return builder.Build(new Shape(values.Length));
    }
}
