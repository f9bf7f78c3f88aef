using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// The number and the layout of a request's items under the batch contract of the model. An item is one unit of the inputs, such as a text,
/// an image or a row of a table.
/// </summary>
/// <param name="Count">The number of items; at least 1.</param>
/// <param name="Layout">The layout of the items; null for a request that runs as it was sent.</param>
/// <param name="AreSplit">Whether several runs may each take some of the items, if the contract allows a split.</param>
/// <param name="Length">The number of tokens of each item, padding included; 0 for items that are not texts.</param>
internal readonly record struct RequestItems(int Count, BatchLayout? Layout = null, bool AreSplit = false, int Length = 0)
{
    /// <summary>
    /// The maximum number of bytes of a shared input that are compared. Requests with a larger shared input run separately. The limit keeps
    /// the comparison short, because it runs under the queue's lock.
    /// </summary>
    private const int MaxComparedBytes = 4096;

    /// <summary>Returns the items of a request that runs as it was sent.</summary>
    public static RequestItems ForWholeRequest(ModelSignature signature, Tensor[] inputs) =>
        new(signature.ItemAxis == ItemAxis.None ? 1 : Math.Max(1, checked((int)inputs[0].Shape[0])));

    /// <summary>Counts the items along the axes of the layout.</summary>
    /// <param name="mismatch">
    /// Receives the index of the first input that differs in its number of items from the inputs before it; -1 when all are equal.
    /// </param>
    /// <returns>The number of items; 0 when the inputs lack the axis of the layout, or have no items.</returns>
    public static int CountAlong(BatchLayout layout, Tensor[] inputs, out int mismatch)
    {
        var items = -1L;
        for (var input = 0; input < inputs.Length; input++)
        {
            var axis = layout.Inputs[input];
            if (axis == BatchLayout.Shared)
                continue;
            var size = axis < inputs[input].Shape.Rank ? inputs[input].Shape[axis] : 0;
            if (items >= 0 && size != items)
            {
                mismatch = input;
                return checked((int)items);
            }

            items = size;
        }

        mismatch = -1;
        return checked((int)Math.Max(0, items));
    }

    /// <summary>
    /// Whether two requests with these inputs can share a run. The shapes may differ only in the number of items and in dimensions that may
    /// be padded. Shared inputs must be equal.
    /// </summary>
    public static bool FitTogether(BatchLayout layout, Padding? padding, Tensor[] left, Tensor[] right)
    {
        var isPadded = false;
        for (var i = 0; i < left.Length; i++)
        {
            var (a, b) = (left[i].Shape, right[i].Shape);
            var fits = layout.Inputs[i] switch
            {
                BatchLayout.Shared => AreSame(left[i], right[i]),
                0 => a.Dimensions[1..].SequenceEqual(b.Dimensions[1..]) || (isPadded = padding?.CanPad(i, a, b) == true),
                var axis => TensorSlices.AreEqualExceptIn(axis, a, b),
            };
            if (!fits)
                return false;
        }

        return !isPadded || (padding!.HasOneLength(left) && padding.HasOneLength(right));
    }

    private static bool AreSame(Tensor left, Tensor right) =>
        left.Data.Length <= MaxComparedBytes && left.Shape == right.Shape && left.Data.Span.SequenceEqual(right.Data.Span);
}
