using System.Text;
using Inference.Tensors;

namespace Inference.Tests.Tensors;

public sealed class TensorRowsTests
{
    [Fact]
    public void Item_RowsOfDifferentSizesArriveInAnyOrder_HaveTheirShapesAndElements()
    {
        using var sut = Create((2, [3]), (0, [1, 2]), (1, []));

        Assert.False(sut.HaveOneShape);
        Assert.Equal([1, 2], sut[0].Values<float>().ToArray());
        Assert.Equal(new Shape(1, 0), sut[1].Shape);
        Assert.Equal([3], sut[2].Values<float>().ToArray());
        Assert.Equal(new Shape(1, 1), sut[2].Shape);
    }

    [Fact]
    public void Item_RowsOfTexts_HaveTheirTexts()
    {
        using var first = CreateTexts("a", "");
        using var second = CreateTexts("bcd");
        using var sut = new TensorRows(first);
        sut.Add(second, 1);
        sut.Add(first, 0);
        sut.Sort();

        Assert.Equal(new Shape(1, 2), sut[0].Shape);
        Assert.True(PackedBytes.TryCount(sut[1].Data.Span, out var count) && count == 1);
        Assert.Equal("bcd", Encoding.UTF8.GetString(sut[1].Data.Span[PackedBytes.PrefixSize..]));
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    public void MoveToTensor_RowsOfOneShape_IsOneTensorInTheirOrder(params int[] order)
    {
        using var sut = Create([.. order.Select(item => (item, (float[])[item, item + 10]))]);

        Assert.True(sut.HaveOneShape);
        using var tensor = sut.MoveToTensor();

        Assert.Equal(new Shape(3, 2), tensor.Shape);
        Assert.Equal([0, 10, 1, 11, 2, 12], tensor.Values<float>().ToArray());
    }

    [Fact]
    public void Add_OtherRank_Fails()
    {
        using var sut = Create((0, [1]));
        using var row = Tensor.Create<float>(ElementType.Float32, new Shape(1), [1]);

        var exception = Assert.Throws<InferenceException>(() => sut.Add(row, 1));

        Assert.Equal(InferenceError.RuntimeFailure, exception.Error);
        Assert.Contains("type FP32 and rank 1 for one item, and FP32 and rank 2 for another", exception.Message, StringComparison.Ordinal);
    }

    private static TensorRows Create(params (int Item, float[] Values)[] rows)
    {
        TensorRows? sut = null;
        foreach (var (item, values) in rows)
        {
            using var row = Tensor.Create<float>(ElementType.Float32, new Shape(1, values.Length), values);
            (sut ??= new TensorRows(row)).Add(row, item);
        }

        sut!.Sort();
        return sut;
    }

    private static Tensor CreateTexts(params string[] texts)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        foreach (var text in texts)
            builder.AppendBytes(Encoding.UTF8.GetBytes(text));
        return builder.Build(new Shape(1, texts.Length));
    }
}
