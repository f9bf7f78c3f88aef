using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Creates items from the inputs of a sample that the model's owner has supplied.</summary>
internal static class SampleItems
{
    /// <summary>The maximum number of items of a sample that are used.</summary>
    private const int MaxItems = 4;

    /// <summary>
    /// Splits a sample into its items, which the caller disposes. Returns no items when the inputs differ in their number of items.
    /// </summary>
    public static IEnumerable<Tensor[]> Split(Tensor[] sample, BatchLayout layout)
    {
        var counts = Enumerable.Range(0, sample.Length)
            .Where(i => layout.Inputs[i] != BatchLayout.Shared)
            .Select(i => sample[i].Shape[layout.Inputs[i]])
            .Distinct()
            .ToList();
        for (var item = 0; counts is [var count] && item < Math.Min(MaxItems, count); item++)
            yield return [.. sample.Select((tensor, i) => TakeItem(tensor, layout.Inputs[i], item))];
    }

    /// <summary>
    /// Creates an item with the same values in reverse order. A model that accepts only certain values usually accepts this item, too. The
    /// caller disposes the result. Returns null when the reversed item equals the item, or when the item has strings.
    /// </summary>
    public static Tensor[]? Reverse(Tensor[] inputs, BatchLayout layout)
    {
        if (inputs.Any(input => input.Type == ElementType.Bytes))
            return null;
        var reversed = Array.ConvertAll(inputs, input => input.Copy());
        for (var i = 0; i < reversed.Length; i++)
        {
            if (layout.Inputs[i] == BatchLayout.Shared)
                continue;
            var (data, size) = (reversed[i].Data, reversed[i].Type.Size());
            // Reversing all bytes, and then the bytes of each element, reverses the order of the elements.
            data.Span.Reverse();
            for (var start = 0; start < data.Length; start += size)
                data.Span.Slice(start, size).Reverse();
        }

        if (!reversed.Zip(inputs).All(pair => pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span)))
            return reversed;
        reversed.DisposeAll();
        return null;
    }

    private static Tensor TakeItem(Tensor tensor, int axis, int item) =>
        axis == BatchLayout.Shared ? tensor.Copy() : ItemSlices.CopySlice(tensor, axis, item);
}
