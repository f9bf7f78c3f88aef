using System.Text;
using Inference.Batching;
using Inference.Tensors;

namespace Inference.Tests.Batching;

public sealed class SplitOutputsTests
{
    [Fact]
    public void Take_PartsArriveInAnyOrder_JoinsThemInOrder()
    {
        using var sut = new SplitOutputs([0, 1, 0], itemCount: 5);
        foreach (var (start, count) in ((int, int)[])[(4, 1), (2, 2), (0, 2)])
            Add(sut, start, count);

        var outputs = sut.Take();

        Assert.Equal(new Shape(5, 2), outputs[0].Shape);
        Assert.Equal([0, 100, 1, 101, 2, 102, 3, 103, 4, 104], outputs[0].Values<float>().ToArray());
        Assert.Equal(new Shape(2, 5), outputs[1].Shape);
        Assert.Equal([0, 1, 2, 3, 4, 100, 101, 102, 103, 104], outputs[1].Values<float>().ToArray());
        Assert.Equal(new Shape(5), outputs[2].Shape);
        Assert.Equal(["", "1", "22", "333", "4444"], Texts(outputs[2]));
        outputs.DisposeAll();
    }

    [Fact]
    public void Add_FurtherParts_AllocatesAlmostNothing()
    {
        const int Items = 100_000;
        using var sut = new SplitOutputs([0], Items);
        using var row = Tensor.Create<float>(ElementType.Float32, new Shape(1, 1), [1]);
        sut.Add(0, 1, [row]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var start = 1; start < 1_000; start++)
            sut.Add(start, 1, [row]);

        // The array of the argument alone has 32 bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1_000);
    }

    [Fact]
    public void Add_AfterDisposal_DoesNothing()
    {
        var sut = new SplitOutputs([0, 1, 0], itemCount: 5);
        Add(sut, 0, 2);
        Add(sut, 3, 2);

        sut.Dispose();

        Add(sut, 2, 1);
        sut.Dispose();
    }

    [Fact]
    public void Add_OtherType_Fails()
    {
        using var sut = new SplitOutputs([0], itemCount: 2);
        using var numbers = Tensor.Create<float>(ElementType.Float32, new Shape(1), [1]);
        using var text = CreateTexts(0, 1);
        sut.Add(0, 1, [numbers]);

        Assert.Throws<InferenceException>(() => sut.Add(1, 1, [text]));
    }

    /// <summary>Adds rows whose numbers and texts follow from their indexes.</summary>
    private static void Add(SplitOutputs sut, int start, int count)
    {
        Tensor[] rows =
        [
            ItemTensor.Create(count, 2, axis: 0, (row, column) => start + row + (100 * column)),
            ItemTensor.Create(count, 2, axis: 1, (row, column) => start + row + (100 * column)),
            CreateTexts(start, count),
        ];
        sut.Add(start, count, rows);
        rows.DisposeAll();
    }

    private static Tensor CreateTexts(int start, int count)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        for (var i = start; i < start + count; i++)
            builder.AppendBytes(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(i, i))));
        return builder.Build(new Shape(count));
    }

    private static string[] Texts(Tensor tensor)
    {
        var texts = new List<string>();
        foreach (var text in new PackedBytes(tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(text));
        return [.. texts];
    }
}
