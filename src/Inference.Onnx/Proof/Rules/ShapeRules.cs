using System.Collections.Immutable;

namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of operators that rearrange, repeat or join elements without computing.</summary>
internal static class ShapeRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("Transpose", Transpose);
        rules.Add("Reshape", Reshape);
        rules.Add("Flatten", Flatten);
        rules.Add("Squeeze", Squeeze);
        rules.Add("Unsqueeze", Unsqueeze);
        rules.Add("Expand", Expand);
        rules.Add("Tile", Tile);
        rules.Add("Concat", Concat);
        rules.Add("Split", Split);
        rules.Add("DepthToSpace", static call => MoveDepth(call, isDepthToSpace: true));
        rules.Add("SpaceToDepth", static call => MoveDepth(call, isDepthToSpace: false));
        rules.Add("Trilu", Trilu);
    }

    /// <summary>Removes an axis of size 1.</summary>
    public static ProofValue Remove(ProofValue value, int axis)
    {
        if (value.Items?.Axis == axis)
            throw new NotProvenException("it removes the axis of the items");
        var items = value.Items is { } position && position.Axis > axis ? position with { Axis = position.Axis - 1 } : value.Items;
        return ProofValue.Create(value.Shape.RemoveAt(axis), items);
    }

    /// <summary>Reorders the axes of a value.</summary>
    /// <param name="order">The axis of the value for each axis of the result.</param>
    public static ProofValue Transpose(ProofValue value, ReadOnlySpan<int> order)
    {
        var dimensions = new Extent[order.Length];
        var items = value.Items;
        for (var axis = 0; axis < order.Length; axis++)
        {
            dimensions[axis] = value.Dimension(order[axis]);
            if (value.Items is { } position && order[axis] == position.Axis)
                items = position with { Axis = axis };
        }

        return ProofValue.Create(dimensions, items);
    }

    private static ProofValue[] Transpose(NodeCall call)
    {
        var data = call.Data(0);
        if (data is { IsShared: true, Dimensions: null })
            return [data];
        var order = call.IntegerList("perm");
        if (order.IsEmpty)
            order = [.. Enumerable.Range(0, data.Rank).Reverse().Select(static axis => (long)axis)];
        if (order.Length != data.Rank || order.Distinct().Count() != order.Length)
            throw new NotProvenException("its perm does not fit the rank of its input");
        return [Transpose(data, [.. order.Select(axis => NodeCall.Axis(axis, data.Rank))])];
    }

    private static ProofValue[] Reshape(NodeCall call)
    {
        var data = call.Data(0);
        if (call.Opset < 5)
            throw new NotProvenException($"the effect of version {call.Opset} of the operator on the items is not known");
        return [Reshaping.Apply(call, data, call.Integers(1), copiesZeros: call.Integer("allowzero", 0) == 0)];
    }

    private static ProofValue[] Flatten(NodeCall call)
    {
        var data = call.Data(0);
        var axis = call.Integer("axis", 1);
        var split = axis == data.Rank ? data.Rank : NodeCall.Axis(axis, data.Rank);
        return [Reshaping.Merge(data, split)];
    }

    private static ProofValue[] Squeeze(NodeCall call)
    {
        var data = call.Data(0);
        if (call.AttributeOrInput("axes", 1) is not { } axes)
        {
            if (!data.IsShared)
                throw new NotProvenException("it removes every axis of size 1, and the axis of the items may have this size");
            return [data.Dimensions is { } knownDimensions && knownDimensions.All(static size => size.IsConstant)
                ? ProofValue.Shared(knownDimensions.Where(static size => !size.IsOne))
                : ProofValue.SharedOfAnyShape];
        }

        foreach (var axis in axes.Select(axis => NodeCall.Axis(axis, data.Rank)).OrderDescending())
            data = Remove(data, axis);
        return [data];
    }

    private static ProofValue[] Unsqueeze(NodeCall call)
    {
        var data = call.Data(0);
        var added = call.AttributeOrInput("axes", 1) ?? throw new NotProvenException("its axes are not known");
        var rank = data.Rank + added.Length;
        var axes = added.Select(axis => NodeCall.Axis(axis, rank)).ToHashSet();
        if (axes.Count != added.Length)
            throw new NotProvenException("it adds an axis twice");
        var dimensions = new List<Extent>();
        var items = data.Items;
        var source = 0;
        for (var axis = 0; axis < rank; axis++)
        {
            if (axes.Contains(axis))
            {
                dimensions.Add(Extent.One);
                continue;
            }

            if (data.Items is { } position && position.Axis == source)
                items = position with { Axis = axis };
            dimensions.Add(data.Dimension(source++));
        }

        return [ProofValue.Create(dimensions, items)];
    }

    /// <summary>
    /// Applies the rule of an operator that repeats axes of size 1. If the operator repeats a shared value for each item, all items of the
    /// result are equal.
    /// </summary>
    private static ProofValue[] Expand(NodeCall call)
    {
        var data = call.Data(0);
        var target = call.Integers(1);
        return [Expand(call, data, target)];
    }

    private static ProofValue Expand(NodeCall call, ProofValue data, ImmutableArray<Extent> target)
    {
        var rank = Math.Max(data.Rank, target.Length);
        var position = data.Items is { } dataItems ? dataItems with { Axis = dataItems.Axis + rank - data.Rank } : (ItemPosition?)null;
        var dimensions = new Extent[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var targetSize = axis < rank - target.Length ? Extent.One : target[axis - (rank - target.Length)];
            var size = axis < rank - data.Rank ? Extent.One : data.Dimension(axis - (rank - data.Rank));
            if (position?.Axis == axis)
            {
                if (!targetSize.IsOne && targetSize != size)
                    throw new NotProvenException($"it repeats the items' axis to the size {targetSize}");
                dimensions[axis] = size;
            }
            else if (targetSize.HasItems)
            {
                if (position is not null || !size.IsOne || targetSize.DivideBy(Extent.Items) is not { } inner)
                    throw new NotProvenException($"it repeats an axis of size {size} to {targetSize}");
                position = new ItemPosition(axis, Extent.One, inner);
                dimensions[axis] = targetSize;
            }
            else
            {
                dimensions[axis] = Broadcast.Size(call.Symbols, size, targetSize);
            }
        }

        return ProofValue.Create(dimensions, position);
    }

    private static ProofValue[] Tile(NodeCall call)
    {
        var data = call.Data(0);
        var repeats = call.Integers(1);
        if (repeats.Length != data.Rank)
            throw new NotProvenException("its repeats do not fit the rank of its input");
        var position = data.Items;
        var dimensions = new Extent[data.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            var size = data.Dimension(axis);
            if (data.Items?.Axis == axis && !repeats[axis].IsOne)
                throw new NotProvenException("it repeats the items' axis");
            if (repeats[axis].HasItems)
            {
                if (position is not null || repeats[axis].DivideBy(Extent.Items) is not { } repeatsPerItem
                    || Extent.Product(repeatsPerItem, size) is not { } inner)
                {
                    throw new NotProvenException("the number of its repeats depends on the number of items");
                }

                position = new ItemPosition(axis, Extent.One, inner);
            }

            dimensions[axis] = Extent.Product(size, repeats[axis]) ?? throw new NotProvenException("a size is too large for the proof");
        }

        return [ProofValue.Create(dimensions, position)];
    }

    private static ProofValue[] Concat(NodeCall call)
    {
        var parts = call.GetAllData();
        if (parts.Any(static part => part.Dimensions is null) && call.IsShared)
            return [ProofValue.SharedOfAnyShape];
        var rank = parts[0].Rank;
        if (parts.Any(part => part.Rank != rank))
            throw new NotProvenException("its inputs differ in rank");
        var axis = NodeCall.Axis(call.Integer("axis", 1), rank);
        var position = parts.Select(static part => part.Items).FirstOrDefault(static items => items is not null);
        if (position is { } items && (items.Axis == axis || parts.Any(part => part.Items != items)))
        {
            throw new NotProvenException(items.Axis == axis
                ? "it adds elements along the axis of the items"
                : "only some of its inputs have the items on that axis");
        }

        var dimensions = parts[0].Shape.ToArray();
        dimensions[axis] = SumSizes(call, [.. parts.Select(part => part.Dimension(axis))]);
        return [ProofValue.Create(dimensions, position)];
    }

    private static Extent SumSizes(NodeCall call, ImmutableArray<Extent> sizes) => sizes.Length == 1 ? sizes[0]
        : sizes.All(static size => size.IsConstant) ? Extent.FromConstant(sizes.Sum(static size => size.Factor))
        : call.Symbols.GetSize($"sum({string.Join(',', sizes)})");

    private static ProofValue[] Split(NodeCall call)
    {
        var data = call.Data(0);
        var axis = NodeCall.Axis(call.Integer("axis", 0), data.Rank);
        if (data.Items?.Axis == axis)
            throw new NotProvenException("it splits the items' axis");
        var sizes = call.Has(1) ? call.Integers(1) : [.. call.IntegerList("split").Select(Extent.FromConstant)];
        var count = call.Node.Outputs.Length;
        if (!sizes.IsEmpty && sizes.Length != count)
            throw new NotProvenException("its sizes do not fit its outputs");
        var parts = new ProofValue[count];
        for (var i = 0; i < count; i++)
        {
            var size = !sizes.IsEmpty ? sizes[i] : data.Dimension(axis) is { IsConstant: true } wholeSize && wholeSize.Factor % count == 0
                ? Extent.FromConstant(wholeSize.Factor / count)
                : call.NewSize($"part{i}");
            if (size.HasItems)
                throw new NotProvenException("its sizes depend on the number of items");
            parts[i] = ProofValue.Create(data.Shape.SetItem(axis, size), data.Items);
        }

        return parts;
    }

    private static ProofValue[] MoveDepth(NodeCall call, bool isDepthToSpace)
    {
        var data = call.Data(0);
        if (data.Rank != 4 || data.Items is { Axis: not 0 })
            throw new NotProvenException("the items are not on its first axis");
        var block = Extent.FromConstant(call.Integer("blocksize", 1));
        var area = Extent.Product(block, block)!.Value;
        var depth = isDepthToSpace
            ? data.Dimension(1).DivideBy(area) ?? call.NewSize("depth")
            : Extent.Product(data.Dimension(1), area) ?? call.NewSize("depth");
        var space = Enumerable.Range(2, 2).Select(axis =>
            (isDepthToSpace ? Extent.Product(data.Dimension(axis), block) : data.Dimension(axis).DivideBy(block))
                ?? call.NewSize($"space{axis}"));
        return [ProofValue.Create([data.Dimension(0), depth, .. space], data.Items)];
    }

    private static ProofValue[] Trilu(NodeCall call)
    {
        var data = call.Data(0);
        if (call.Has(1))
            call.Shared(1);
        if (data.Items is { } items && items.Axis >= data.Rank - 2)
            throw new NotProvenException("it sets elements to zero along the items' axis");
        return [data.WithoutElements()];
    }
}
