using System.Text;
using Inference.Tensors;

namespace Inference.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void Rows_OfFixedSizeElements_AreAView()
    {
        using var tensor = Tensor.Create<int>(ElementType.Int32, new Shape(3, 2), [1, 2, 3, 4, 5, 6]);

        var rows = tensor.Rows(1, 2);
        rows.Values<int>()[0] = 30;

        Assert.Equal(new Shape(2, 2), rows.Shape);
        Assert.Equal([30, 4, 5, 6], rows.Values<int>().ToArray());
        Assert.Equal(30, tensor.Values<int>()[2]);
    }

    [Fact]
    public void Rows_OfByteStrings_AreFoundByTheirLengths()
    {
        using var tensor = Strings(new Shape(3, 2), "a", "", "ccc", "dd", "e", "ff");

        Assert.Equal(["ccc", "dd"], Read(tensor.Rows(1, 1)));
        Assert.Equal(["ccc", "dd", "e", "ff"], Read(tensor.Rows(1, 2)));
    }

    [Fact]
    public void Concatenate_Parts_KeepTheirOrder()
    {
        using var first = Strings(new Shape(1), "a");
        using var second = Strings(new Shape(2), "bb", "");

        using var joined = Tensor.Concatenate([first, second]);

        Assert.Equal(new Shape(3), joined.Shape);
        Assert.Equal(["a", "bb", ""], Read(joined));
    }

    [Fact]
    public void Concatenate_PartsOfOtherShapes_AreRefused()
    {
        using var first = Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [1, 2]);
        using var second = Tensor.Create<float>(ElementType.Float32, new Shape(1, 3), [1, 2, 3]);

        var exception = Assert.Throws<InferenceException>(() => Tensor.Concatenate([first, second]));

        Assert.Contains("[1,3]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rent_MoreThanAnArrayHolds_IsRefused()
    {
        Assert.Throws<InferenceException>(() => Tensor.Rent(ElementType.Float64, new Shape(1L << 40)));
        Assert.Throws<InferenceException>(() => Tensor.Rent(ElementType.UInt8, new Shape(long.MaxValue, long.MaxValue)));
    }

    [Fact]
    public void Builder_GrowsAcrossItsBuffer_KeepsEveryElement()
    {
        using var builder = new TensorBuilder(ElementType.Int64);
        for (var i = 0L; i < 100_000; i++)
            builder.Append(i);

        using var tensor = builder.Build(new Shape(100_000));

        Assert.Equal(Enumerable.Range(0, 100_000).Select(i => (long)i), tensor.Values<long>().ToArray());
    }

    [Fact]
    public void Names_OfAllTypes_AreReadBack()
    {
        foreach (var type in Enum.GetValues<ElementType>())
        {
            Assert.True(ElementTypes.TryParse(type.Name(), out var parsed));
            Assert.Equal(type, parsed);
        }

        Assert.False(ElementTypes.TryParse("fp32", out _));
    }

    private static Tensor Strings(Shape shape, params string[] values)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        foreach (var value in values)
            builder.AppendBytes(Encoding.UTF8.GetBytes(value));
        return builder.Build(shape);
    }

    private static List<string> Read(Tensor tensor)
    {
        var values = new List<string>();
        foreach (var element in new PackedBytes(tensor.Data.Span))
            values.Add(Encoding.UTF8.GetString(element));
        return values;
    }
}
