using System.Collections.Immutable;

namespace Inference.Onnx.Proof.Rules;

/// <summary>
/// The rules of convolutions and pooling. The operators compute each sample separately. Samples are along the first axis.
/// </summary>
internal static class ConvolutionRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("Conv", static call => [Convolve(call, weights: 1, shared: [1, 2])]);
        rules.Add("ConvInteger", static call => [Convolve(call, weights: 1, shared: [1, 2, 3])]);
        rules.Add("QLinearConv", static call => [Convolve(call, weights: 3, shared: [1, 2, 3, 4, 5, 6, 7, 8])]);
        rules.Add("ConvTranspose", ConvTranspose);
        rules.Add("AveragePool", Pool);
        rules.Add("MaxPool", Pool);
        rules.Add("LpPool", Pool);
        rules.Add("GlobalAveragePool", GlobalPool);
        rules.Add("GlobalMaxPool", GlobalPool);
        rules.Add("GlobalLpPool", GlobalPool);
        rules.Add(RuleSet.RuntimeDomain, "FusedConv", static call => [Convolve(call, weights: 1, shared: [1, 2])]);
    }

    /// <param name="weights">The index of the input with the weights.</param>
    /// <param name="shared">The indices of the inputs that must be the same for all items.</param>
    private static ProofValue Convolve(NodeCall call, int weights, int[] shared)
    {
        var data = GetSamples(call, lastAxis: 0);
        foreach (var parameter in shared)
        {
            if (call.Has(parameter))
                call.Shared(parameter);
        }

        if (call.Has(3) && call.Node.Operator == "FusedConv")
            throw new NotProvenException("it adds another input");
        var filter = call.Shared(weights);
        if (filter.Rank != data.Rank)
            throw new NotProvenException("its weights differ in rank from its input");
        var kernel = call.IntegerList("kernel_shape") is { IsEmpty: false } kernelShape
            ? [.. kernelShape.Select(Extent.FromConstant)]
            : filter.Shape[2..];
        return ProofValue.Create([data.Dimension(0), filter.Dimension(0), .. ComputeWindowSizes(call, data, kernel)], data.Items);
    }

    private static ProofValue[] ConvTranspose(NodeCall call)
    {
        var data = GetSamples(call, lastAxis: 0);
        var filter = call.Shared(1);
        if (call.Has(2))
            call.Shared(2);
        var channels = Extent.Product(filter.Dimension(1), Extent.FromConstant(call.Integer("group", 1))) ?? call.NewSize("channels");
        return [ProofValue.Create(
            [data.Dimension(0), channels, .. Enumerable.Range(2, data.Rank - 2).Select(axis => call.NewSize($"axis{axis}"))], data.Items)];
    }

    /// <summary>
    /// Applies the rule of pooling. The second output of <c>MaxPool</c> contains indices that count from the first item of the run. So an
    /// item's indices depend on its position in the run.
    /// </summary>
    private static ProofValue[] Pool(NodeCall call)
    {
        var data = GetSamples(call, lastAxis: 1);
        ImmutableArray<Extent> kernel = [.. call.IntegerList("kernel_shape").Select(Extent.FromConstant)];
        var pooled = ProofValue.Create([data.Dimension(0), data.Dimension(1), .. ComputeWindowSizes(call, data, kernel)], data.Items);
        return data.IsShared
            ? [pooled, pooled]
            : [pooled, ProofValue.Failed($"{call.Node.Description}: its indices count from the first item of the run")];
    }

    private static ProofValue[] GlobalPool(NodeCall call)
    {
        var data = GetSamples(call, lastAxis: 1);
        return [ProofValue.Create([data.Dimension(0), data.Dimension(1), .. Enumerable.Repeat(Extent.One, data.Rank - 2)], data.Items)];
    }

    /// <param name="lastAxis">The last axis on which the items are allowed, because the operator computes over all later axes.</param>
    private static ProofValue GetSamples(NodeCall call, int lastAxis)
    {
        var data = call.Data(0);
        if (data.Rank < 3)
            throw new NotProvenException("its input has less than three axes");
        return data.Items is { } items && items.Axis > lastAxis ? throw new NotProvenException("it computes over the items") : data;
    }

    /// <summary>Returns the output's sizes of the axes along which the window moves.</summary>
    private static IEnumerable<Extent> ComputeWindowSizes(NodeCall call, ProofValue data, ImmutableArray<Extent> kernel)
    {
        var axes = data.Rank - 2;
        if (kernel.Length != axes)
            throw new NotProvenException("its kernel does not fit the rank of its input");
        var (strides, dilations, pads) = (List("strides", axes, 1), List("dilations", axes, 1), List("pads", 2 * axes, 0));
        var padding = call.Text("auto_pad", "NOTSET");
        var roundsUp = call.Integer("ceil_mode", 0) != 0;
        for (var i = 0; i < axes; i++)
        {
            var size = data.Dimension(i + 2);
            if (!size.IsConstant || !kernel[i].IsConstant || strides[i] <= 0)
            {
                yield return call.Symbols.GetSize(
                    $"window({size},{kernel[i]},{strides[i]},{dilations[i]},{pads[i]},{pads[axes + i]},"
                    + $"{padding},{roundsUp},{call.Node.Operator})");
                continue;
            }

            var extent = ((kernel[i].Factor - 1) * dilations[i]) + 1;
            yield return padding switch
            {
                "SAME_UPPER" or "SAME_LOWER" => Extent.FromConstant((size.Factor + strides[i] - 1) / strides[i]),
                // Implementations differ in the treatment of windows beyond the end, so the size stays unknown.
                _ when roundsUp => call.NewSize($"axis{i}"),
                "VALID" => Extent.FromConstant(((size.Factor - extent) / strides[i]) + 1),
                _ => Extent.FromConstant(((size.Factor + pads[i] + pads[axes + i] - extent) / strides[i]) + 1),
            };
        }

        ImmutableArray<long> List(string name, int count, long defaultValue) => call.IntegerList(name) switch
        {
            { IsEmpty: true } => [.. Enumerable.Repeat(defaultValue, count)],
            var list when list.Length == count => list,
            _ => throw new NotProvenException($"its {name} do not fit the rank of its input"),
        };
    }
}
