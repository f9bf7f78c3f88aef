using System.Collections.Immutable;

namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of operators that select elements, write to selected elements, pad or resize.</summary>
internal static class SelectionRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("Gather", Gather);
        rules.Add("GatherElements", GatherElements);
        rules.Add("GatherND", GatherND);
        rules.Add("ScatterElements", ScatterElements);
        rules.Add("OneHot", OneHot);
        rules.Add("Slice", Slice);
        rules.Add("Pad", Pad);
        rules.Add("Resize", Resize);
        rules.Add("Upsample", Resize);
    }

    private static ProofValue[] Gather(NodeCall call)
    {
        var (data, indices) = (call.Data(0), call.Data(1));
        if (call.IsShared && (data.Dimensions is null || indices.Dimensions is null))
            return [ProofValue.SharedOfAnyShape];
        var axis = NodeCall.Axis(call.Integer("axis", 0), data.Rank);
        var dimensions = data.Shape.RemoveAt(axis).InsertRange(axis, indices.Shape);
        if (data.Items is { } items)
        {
            if (indices.Items is not null)
                throw new NotProvenException("each item selects from every item");
            if (items.Axis == axis)
                throw new NotProvenException("it selects elements on the axis of the items");
            return [ProofValue.Create(dimensions, items.Axis < axis ? items : items with { Axis = items.Axis + indices.Rank - 1 })];
        }

        return [ProofValue.Create(dimensions, indices.Items is { } position ? position with { Axis = axis + position.Axis } : null)];
    }

    private static ProofValue[] GatherElements(NodeCall call)
    {
        var (data, indices) = (call.Data(0), call.Data(1));
        if (call.IsShared)
            return [indices.WithoutElements()];
        var axis = NodeCall.Axis(call.Integer("axis", 0), data.Rank);
        if (data.Items is not { } items || indices.Items != items || items.Axis == axis)
        {
            throw new NotProvenException(
                "it selects elements on the axis of the items, or its inputs do not have the items on the same axis");
        }

        return [indices.WithoutElements()];
    }

    private static ProofValue[] GatherND(NodeCall call)
    {
        var (data, indices) = (call.Data(0), call.Data(1));
        var batchAxes = (int)call.Integer("batch_dims", 0);
        if (indices.Rank == 0 || indices.Dimension(indices.Rank - 1) is not { IsConstant: true, Factor: >= 1 and <= 16 } indexLength)
            throw new NotProvenException("the length of an index is not known");
        var indexedAxes = batchAxes + (int)indexLength.Factor;
        if (batchAxes >= indices.Rank || indexedAxes > data.Rank)
            throw new NotProvenException("its index is longer than the rank of its input");
        if (data.Items is not null && (data.Items != indices.Items || data.Items.Value.Axis >= batchAxes))
            throw new NotProvenException("its data and its indices do not have the items on the same batch axis");
        if (data.Items is null && indices.Items is { } position && (position.Axis < batchAxes || position.Axis == indices.Rank - 1))
            throw new NotProvenException("the items of its indices are on a batch axis or on the last axis");
        return [ProofValue.Create([.. indices.Shape[..^1], .. data.Shape[indexedAxes..]], indices.Items)];
    }

    private static ProofValue[] ScatterElements(NodeCall call)
    {
        var (data, indices, updates) = (call.Data(0), call.Data(1), call.Data(2));
        if (call.IsShared)
            return [data.WithoutElements()];
        var axis = NodeCall.Axis(call.Integer("axis", 0), data.Rank);
        if (data.Items is not { } items || indices.Items != items || updates.Items != items || items.Axis == axis)
            throw new NotProvenException("it writes to other items, or not all of its inputs have the items on one axis");
        return [data.WithoutElements()];
    }

    private static ProofValue[] OneHot(NodeCall call)
    {
        var indices = call.Data(0);
        call.Shared(2);
        if (call.Integers(1) is not [{ HasItems: false } depth])
            throw new NotProvenException("its depth is not one number that is the same for all items");
        if (!call.Symbols.IsNonNegative(depth))
            depth = call.NewSize("depth");
        var axis = NodeCall.Axis(call.Integer("axis", -1), indices.Rank + 1);
        var items = indices.Items is { } position && position.Axis >= axis ? position with { Axis = position.Axis + 1 } : indices.Items;
        return [ProofValue.Create(indices.Shape.Insert(axis, depth), items)];
    }

    private static ProofValue[] Slice(NodeCall call)
    {
        var data = call.Data(0);
        var hasAttributes = call.Opset < 10;
        var starts = hasAttributes ? [.. call.IntegerList("starts").Select(Extent.FromConstant)] : call.Integers(1);
        var ends = hasAttributes ? [.. call.IntegerList("ends").Select(Extent.FromConstant)] : call.Integers(2);
        var axes = hasAttributes
            ? call.Attribute("axes")?.Integers
            : call.Has(3) ? call.Constants(3) : null;
        axes ??= [.. Enumerable.Range(0, starts.Length).Select(static axis => (long)axis)];
        var steps = !hasAttributes && call.Has(4) ? call.Integers(4) : [.. starts.Select(static _ => Extent.One)];
        if (starts.Length != axes.Value.Length || ends.Length != starts.Length || steps.Length != starts.Length)
            throw new NotProvenException("its starts, ends, axes and steps differ in number");

        var dimensions = data.Shape;
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = NodeCall.Axis(axes.Value[i], data.Rank);
            var isWhole = starts[i] is { IsConstant: true, Factor: 0 } && steps[i].IsOne
                && ((ends[i] is { IsConstant: true, Factor: >= int.MaxValue }) || ends[i] == data.Dimension(axis));
            if (isWhole)
                continue;
            if (data.Items?.Axis == axis)
                throw new NotProvenException("it selects only some of the items");
            if (starts[i].HasItems || ends[i].HasItems || steps[i].HasItems)
                throw new NotProvenException("the elements that it selects depend on the number of items");
            dimensions = dimensions.SetItem(axis, ComputeSliceSize(call, data.Dimension(axis), starts[i], ends[i], steps[i]));
        }

        return [ProofValue.Create(dimensions, data.Items)];
    }

    private static Extent ComputeSliceSize(NodeCall call, Extent size, Extent start, Extent end, Extent step)
    {
        if (!size.IsConstant || !start.IsConstant || !end.IsConstant || step is not { IsConstant: true, Factor: > 0 })
            return call.Symbols.GetSize($"slice({size},{start},{end},{step})");
        var from = Math.Clamp(start.Factor < 0 ? start.Factor + size.Factor : start.Factor, 0, size.Factor);
        var to = Math.Clamp(end.Factor < 0 ? end.Factor + size.Factor : end.Factor, 0, size.Factor);
        return Extent.FromConstant(Math.Max(0, (to - from + step.Factor - 1) / step.Factor));
    }

    private static ProofValue[] Pad(NodeCall call)
    {
        var data = call.Data(0);
        var pads = call.Has(1) ? call.Integers(1)
            : [.. call.IntegerList("pads", call.IntegerList("paddings")).Select(Extent.FromConstant)];
        if (call.Has(2))
            call.Shared(2);
        ImmutableArray<long> axes = call.Has(3) ? call.Constants(3) : [.. Enumerable.Range(0, data.Rank).Select(static axis => (long)axis)];
        if (pads.Length != 2 * axes.Length)
            throw new NotProvenException("its pads do not fit its axes");
        var dimensions = data.Shape;
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = NodeCall.Axis(axes[i], data.Rank);
            var (before, after) = (pads[i], pads[axes.Length + i]);
            if (before is { IsConstant: true, Factor: 0 } && after is { IsConstant: true, Factor: 0 })
                continue;
            if (data.Items?.Axis == axis)
                throw new NotProvenException("it adds or removes elements along the axis of the items");
            if (before.HasItems || after.HasItems)
                throw new NotProvenException("its pads depend on the number of items");
            var size = data.Dimension(axis);
            dimensions = dimensions.SetItem(axis, size.IsConstant && before.IsConstant && after.IsConstant
                ? Extent.FromConstant(size.Factor + before.Factor + after.Factor)
                : call.Symbols.GetSize($"pad({size},{before},{after})"));
        }

        return [ProofValue.Create(dimensions, data.Items)];
    }

    /// <summary>Applies the rule of operators that resize axes by scales or to sizes. The items' axis must keep its size.</summary>
    private static ProofValue[] Resize(NodeCall call)
    {
        var data = call.Data(0);
        if (call.Text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize")
            throw new NotProvenException("it crops its input to a region");
        var hasOldInputs = call.Opset < 11 || call.Node.Operator == "Upsample";
        var scalesIndex = hasOldInputs ? 1 : 2;
        ImmutableArray<long> axes = call.Attribute("axes") is { } axesAttribute
            ? axesAttribute.Integers
            : [.. Enumerable.Range(0, data.Rank).Select(static axis => (long)axis)];
        var factors = call.Has(scalesIndex) && call.Data(scalesIndex).Dimensions is not [{ IsConstant: true, Factor: 0 }]
            ? GetFloats(call, scalesIndex)
            : FindScales(call);
        var sizes = factors is null && !hasOldInputs && call.Has(3) ? call.Integers(3) : (ImmutableArray<Extent>?)null;
        if ((factors?.Length ?? sizes?.Length) != axes.Length)
            throw new NotProvenException("its scales and sizes are not known");
        var dimensions = data.Shape;
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = NodeCall.Axis(axes[i], data.Rank);
            var isKept = factors is { } knownFactors ? knownFactors[i] == 1 : sizes!.Value[i] == data.Dimension(axis);
            if (isKept)
                continue;
            if (data.Items?.Axis == axis)
                throw new NotProvenException("it resizes the items' axis");
            if (sizes is { } targetSizes && targetSizes[i].HasItems)
                throw new NotProvenException("a size depends on the number of items");
            dimensions = dimensions.SetItem(axis, ComputeResizedSize(call, data.Dimension(axis), factors?[i], sizes?[i], axis));
        }

        return [ProofValue.Create(dimensions, data.Items)];
    }

    private static Extent ComputeResizedSize(NodeCall call, Extent size, float? scale, Extent? targetSize, int axis)
    {
        if (targetSize is { } exact)
        {
            return call.Text("keep_aspect_ratio_policy", "stretch") == "stretch" && call.Symbols.IsNonNegative(exact)
                ? exact
                : call.NewSize($"axis{axis}");
        }

        return size.IsConstant && scale is { } factor && float.IsInteger(factor) && factor > 0
            ? Extent.FromConstant(size.Factor * (long)factor)
            : call.NewSize($"axis{axis}");
    }

    private static ImmutableArray<float>? GetFloats(NodeCall call, int index) => call.Shared(index).Floats
        ?? throw new NotProvenException("its scales are not constants");

    private static ImmutableArray<float>? FindScales(NodeCall call) => call.Attribute("scales") is { } scales ? scales.Floats : null;
}
