using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>
/// Finds the position of the items after a reshape. In row-major order, a tensor has <c>outer</c> times <c>items</c> times <c>inner</c>
/// elements. A reshape keeps this order, so it changes neither <c>outer</c> nor <c>inner</c>. For example, <c>outer</c> is 2 and
/// <c>inner</c> is 6 in all of these shapes: <c>[2, items, 6]</c>, <c>[2, items * 3, 2]</c> and <c>[2 * items, 6]</c>.
/// </summary>
internal static class Reshaping
{
    /// <param name="target">The new shape. A size of -1 is inferred from the number of elements.</param>
    /// <param name="copiesZeros">Whether a size of 0 copies the size of the same axis of the input.</param>
    /// <exception cref="NotProvenException">An axis of the result mixes items, or the axis of the items is not known.</exception>
    public static ProofValue Apply(NodeCall call, ProofValue data, ImmutableArray<Extent> target, bool copiesZeros)
    {
        if (data.IsShared)
            return ApplyToShared(call, data, target, copiesZeros);
        var items = data.Items!.Value;
        var (dimensions, inferred) = Resolve(call, data, target, copiesZeros, items.Axis);
        var total = Product(data.Shape.AsSpan());
        if (inferred >= 0)
            dimensions[inferred] = Infer(call, total, dimensions, inferred);
        var axis = Array.FindIndex(dimensions, static size => size.HasItems);
        if (axis < 0)
            throw new NotProvenException($"its shape [{string.Join(", ", target)}] does not contain the number of items");
        // ONNX Runtime refuses a shape with a different number of elements. But its optimizer may first replace the shape with a valid
        // shape that divides the elements into other rows. So the proof fails here.
        if (inferred < 0 && Extent.Product(dimensions) != total)
            throw new NotProvenException($"its shape [{string.Join(", ", dimensions)}] may not have as many elements as its input");
        if (Array.FindLastIndex(dimensions, static size => size.HasItems) != axis)
            throw new NotProvenException("two sizes of its shape depend on the number of items");
        var outer = Product([Product(data.Shape.AsSpan()[..items.Axis]), items.Outer]);
        var outerSize = Product(dimensions.AsSpan(0, axis));
        if (outer.DivideBy(outerSize) is { } group && dimensions[axis].DivideBy(Extent.Items)?.DivideBy(group) is { } inner)
            return ProofValue.Create(dimensions, new ItemPosition(axis, group, inner));
        throw new NotProvenException($"its shape [{string.Join(", ", dimensions)}] may mix the items of [{string.Join(", ", data.Shape)}]");
    }

    /// <summary>Merges all axes into two axes: one for the axes before the given axis, and one for the remaining axes.</summary>
    public static ProofValue Merge(ProofValue data, int split)
    {
        if (data is { IsShared: true, Dimensions: null })
            return data;
        var shape = data.Shape.AsSpan();
        Extent[] dimensions = [Product(shape[..split]), Product(shape[split..])];
        if (data.Items is not { } items)
            return ProofValue.Shared(dimensions);
        var isFirst = items.Axis < split;
        var (from, to) = isFirst ? (0, split) : (split, shape.Length);
        return ProofValue.Create(dimensions, new ItemPosition(
            isFirst ? 0 : 1,
            Product([Product(shape[from..items.Axis]), items.Outer]),
            Product([items.Inner, Product(shape[(items.Axis + 1)..to])])));
    }

    private static ProofValue ApplyToShared(NodeCall call, ProofValue data, ImmutableArray<Extent> target, bool copiesZeros)
    {
        if (target.Any(static size => size.HasItems))
            throw new NotProvenException("its shape counts items, but its input has none");
        if (data.Dimensions is not { } oldDimensions)
            return ProofValue.SharedOfAnyShape;
        var (dimensions, inferred) = Resolve(call, data, target, copiesZeros, itemAxis: -1);
        if (inferred >= 0)
        {
            var others = Extent.Product([.. dimensions.Where((_, axis) => axis != inferred)]);
            dimensions[inferred] = others is { } known && Extent.Product(oldDimensions.AsSpan())?.DivideBy(known) is { } inferredSize
                ? inferredSize
                : call.NewSize("rest");
        }

        return ProofValue.Shared(dimensions);
    }

    /// <returns>
    /// The sizes, and the axis whose size the caller must infer. The size at that axis is still -1. The axis is -1 when no size must be
    /// inferred.
    /// </returns>
    private static (Extent[] Dimensions, int Inferred) Resolve(
        NodeCall call, ProofValue data, ImmutableArray<Extent> target, bool copiesZeros, int itemAxis)
    {
        var dimensions = target.ToArray();
        var inferred = -1;
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            var size = dimensions[axis];
            if (size is { IsConstant: true, Factor: 0 } && copiesZeros)
            {
                dimensions[axis] = axis < data.Rank
                    ? data.Dimension(axis)
                    : throw new NotProvenException("its shape copies an axis that does not exist");
            }
            else if (size is { IsConstant: true, Factor: -1 } && inferred < 0)
            {
                inferred = axis;
            }
            else if (size is { IsConstant: true, Factor: < 0 })
            {
                throw new NotProvenException("its shape has a negative size");
            }
            else if (!size.IsConstant && !size.HasItems && !call.Symbols.IsNonNegative(size))
            {
                // In a run, the unknown size may also be -1 or 0. A 0 copies the size of the input's axis, which must not be the items'
                // axis.
                dimensions[axis] = axis != itemAxis
                    ? call.NewSize($"axis{axis}")
                    : throw new NotProvenException("a size of its shape is not known on the axis of the items");
            }
        }

        return (dimensions, inferred);
    }

    private static Extent Infer(NodeCall call, Extent total, Extent[] dimensions, int inferred)
    {
        var others = Product([.. dimensions.Where((_, axis) => axis != inferred)]);
        if (total.DivideBy(others) is { } size)
            return size;
        // The items are on another axis, so the inferred size does not depend on the number of items.
        return others.HasItems ? call.NewSize("rest") : throw new NotProvenException("the number of rows for each item is not known");
    }

    private static Extent Product(ReadOnlySpan<Extent> sizes) =>
        Extent.Product(sizes) ?? throw new NotProvenException("a size is too large for the proof");
}
