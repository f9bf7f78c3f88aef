using System.Collections.Immutable;

namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of operators that compute over whole axes: sums, extremes, and normalizations.</summary>
internal static class ReductionRules
{
    private static readonly string[] Reductions =
        ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
            "ReduceSumSquare"];

    public static void AddTo(RuleSet rules)
    {
        foreach (var name in Reductions)
            rules.Add(name, Reduce);
        rules.Add("ArgMax", ReduceToIndex);
        rules.Add("ArgMin", ReduceToIndex);
        rules.Add("TopK", TopK);
        rules.Add("CumSum", CumSum);
        rules.Add("Softmax", Softmax);
        rules.Add("LogSoftmax", Softmax);
        rules.Add("Hardmax", Softmax);
        rules.Add("LpNormalization", static call => [KeepShape(call, call.Integer("axis", -1))]);
        rules.Add("MeanVarianceNormalization", static call => [KeepShape(call, call.IntegerList("axes", [0, 2, 3]))]);
        rules.Add("LRN", static call => [KeepShape(call, 1)]);
        rules.Add("BatchNormalization", BatchNormalization);
        rules.Add("InstanceNormalization", static call => [NormalizeSamples(call)]);
        rules.Add("GroupNormalization", static call => [NormalizeSamples(call)]);
        rules.Add("LayerNormalization", LayerNormalization);
        rules.Add("RMSNormalization", LayerNormalization);
        rules.Add("SimplifiedLayerNormalization", LayerNormalization);
        rules.Add(RuleSet.RuntimeDomain, "SimplifiedLayerNormalization", LayerNormalization);
        rules.Add(RuleSet.RuntimeDomain, "SkipLayerNormalization", SkipLayerNormalization);
        rules.Add(RuleSet.RuntimeDomain, "SkipSimplifiedLayerNormalization", SkipLayerNormalization);
    }

    private static ProofValue[] Reduce(NodeCall call)
    {
        var data = call.Data(0);
        var axes = call.AttributeOrInput("axes", 1) ?? [];
        if (axes.IsEmpty && call.Integer("noop_with_empty_axes", 0) != 0)
            return [data.WithoutElements()];
        if (data is { IsShared: true, Dimensions: null })
            return [data];
        if (axes.IsEmpty)
            axes = [.. Enumerable.Range(0, data.Rank).Select(static axis => (long)axis)];
        return [Reduce(data, axes, call.Integer("keepdims", 1) != 0)];
    }

    private static ProofValue[] ReduceToIndex(NodeCall call) =>
        [Reduce(call.Data(0), [call.Integer("axis", 0)], call.Integer("keepdims", 1) != 0)];

    private static ProofValue Reduce(ProofValue data, ImmutableArray<long> axes, bool keepsDimensions)
    {
        var sorted = axes.Select(axis => NodeCall.Axis(axis, data.Rank)).Distinct().OrderDescending().ToArray();
        if (data.Items is { } items && sorted.Contains(items.Axis))
            throw new NotProvenException("it computes over the items");
        var dimensions = data.Shape;
        foreach (var axis in sorted)
            dimensions = dimensions.SetItem(axis, Extent.One);
        var reduced = ProofValue.Create(dimensions, data.Items);
        return keepsDimensions ? reduced : sorted.Aggregate(reduced, ShapeRules.Remove);
    }

    private static ProofValue[] TopK(NodeCall call)
    {
        var data = call.Data(0);
        var axis = NodeCall.Axis(call.Integer("axis", -1), data.Rank);
        if (data.Items?.Axis == axis)
            throw new NotProvenException("it selects elements on the axis of the items");
        var count = call.Has(1) ? call.Integers(1) : [Extent.FromConstant(call.Integer("k", 1))];
        if (count is not [{ HasItems: false } size])
            throw new NotProvenException("the number of elements that it chooses depends on the number of items");
        if (!call.Symbols.IsNonNegative(size))
            size = call.NewSize("k");
        var chosen = ProofValue.Create(data.Shape.SetItem(axis, size), data.Items);
        return [chosen, chosen];
    }

    private static ProofValue[] CumSum(NodeCall call) => [KeepShape(call, call.Constants(1))];

    /// <summary>Applies the rule of softmax. Before version 13, softmax joined the given axis and all later axes to one axis.</summary>
    private static ProofValue[] Softmax(NodeCall call)
    {
        if (call.Opset >= 13)
            return [KeepShape(call, call.Integer("axis", -1))];
        var data = call.Data(0);
        if (data is { IsShared: true, Dimensions: null })
            return [data];
        var firstAxis = NodeCall.Axis(call.Integer("axis", 1), data.Rank);
        return [KeepShape(call, [.. Enumerable.Range(firstAxis, data.Rank - firstAxis).Select(static axis => (long)axis)])];
    }

    private static ProofValue[] BatchNormalization(NodeCall call)
    {
        if (call.Integer("training_mode", 0) != 0 || call.Node.Outputs.Count(static output => output.Length > 0) > 1)
        {
            throw new NotProvenException(
                "it is in training mode, so it computes over the items, and ONNX Runtime changes its mean and variance with each run");
        }

        if (call.Integer("spatial", 1) == 0)
            throw new NotProvenException("its attribute \"spatial\" is 0, so it computes one mean and variance for each element");
        if (call.Opset < 7)
            throw new NotProvenException($"the effect of version {call.Opset} of the operator on the items is not known");
        for (var parameter = 1; parameter <= 4; parameter++)
            call.Shared(parameter);
        return [KeepShape(call, 1)];
    }

    /// <summary>Applies the rule of an operator that computes each sample separately. Samples are along the first axis.</summary>
    private static ProofValue NormalizeSamples(NodeCall call)
    {
        // The inputs 1 and 2 are the scale and the bias.
        call.Shared(1);
        call.Shared(2);
        var data = call.Data(0);
        if (data.Items is { Axis: not 0 })
            throw new NotProvenException("the items are not on its first axis");
        return data.WithoutElements();
    }

    private static ProofValue[] LayerNormalization(NodeCall call)
    {
        var data = call.Data(0);
        if (data is { IsShared: true, Dimensions: null })
            return [data];
        var firstAxis = NodeCall.Axis(call.Integer("axis", -1), data.Rank);
        for (var parameter = 1; parameter <= 2 && call.Has(parameter); parameter++)
        {
            if (call.Shared(parameter).Rank > data.Rank - firstAxis && data.Items is not null)
                throw new NotProvenException("its scale or bias has more axes than it normalizes");
        }

        ImmutableArray<long> axes = [.. Enumerable.Range(firstAxis, data.Rank - firstAxis).Select(static axis => (long)axis)];
        var statistics = Reduce(data, axes, keepsDimensions: true);
        return [data.WithoutElements(), statistics, statistics];
    }

    /// <summary>Applies the rule of an operator that adds two inputs and a bias, and normalizes over the last axis.</summary>
    private static ProofValue[] SkipLayerNormalization(NodeCall call)
    {
        var sum = Broadcast.Apply(call.Symbols, [call.Data(0), call.Data(1)]);
        for (var parameter = 2; parameter < call.Inputs.Length; parameter++)
        {
            if (call.Has(parameter) && call.Shared(parameter).Rank > 1)
                throw new NotProvenException("its parameters have more than one axis");
        }

        if (sum.Items is { } items && items.Axis == sum.Rank - 1)
            throw new NotProvenException("it computes over the items");
        var statistics = sum.Dimensions is null ? sum : Reduce(sum, [-1], keepsDimensions: true);
        return [sum, statistics, statistics, sum];
    }

    private static ProofValue KeepShape(NodeCall call, long axis) => KeepShape(call, [axis]);

    /// <summary>
    /// Applies the rule of an operator that keeps the shape, and computes each element from all elements along the given axes.
    /// </summary>
    private static ProofValue KeepShape(NodeCall call, ImmutableArray<long> axes)
    {
        var data = call.Data(0);
        if (data.Items is { } items && axes.Any(axis => NodeCall.Axis(axis, data.Rank) == items.Axis))
            throw new NotProvenException("it computes over the items");
        return data.WithoutElements();
    }
}
