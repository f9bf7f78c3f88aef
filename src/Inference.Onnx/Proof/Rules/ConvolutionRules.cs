using System.Collections.Immutable;

namespace Inference.Onnx.Proof.Rules;

/// <summary>
/// The rules of convolutions and pooling. The operators compute each sample separately. Samples are along the first axis. The input
/// indices are those of https://onnx.ai/onnx/operators.
/// </summary>
internal static class ConvolutionRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("Conv", static call => [Convolve(call, weightsIndex: 1, sharedIndices: [1, 2])]);
        rules.Add("ConvInteger", static call => [Convolve(call, weightsIndex: 1, sharedIndices: [1, 2, 3])]);
        rules.Add("QLinearConv", static call => [Convolve(call, weightsIndex: 3, sharedIndices: [1, 2, 3, 4, 5, 6, 7, 8])]);
        rules.Add("ConvTranspose", ConvTranspose);
        rules.Add("AveragePool", Pool);
        rules.Add("MaxPool", Pool);
        rules.Add("LpPool", Pool);
        rules.Add("GlobalAveragePool", GlobalPool);
        rules.Add("GlobalMaxPool", GlobalPool);
        rules.Add("GlobalLpPool", GlobalPool);
        rules.Add(RuleSet.RuntimeDomain, "FusedConv", static call => [Convolve(call, weightsIndex: 1, sharedIndices: [1, 2])]);
    }

    /// <param name="weightsIndex">The index of the input with the weights.</param>
    /// <param name="sharedIndices">The indices of the inputs that must be the same for all items.</param>
    private static ProofValue Convolve(NodeCall call, int weightsIndex, int[] sharedIndices)
    {
        var data = GetSamples(call, lastAxis: 0);
        foreach (var index in sharedIndices)
        {
            if (call.Has(index))
                call.Shared(index);
        }

        if (call.Has(3) && call.Node.Operator == "FusedConv")
            throw new NotProvenException("it adds another input");
        var filter = call.Shared(weightsIndex);
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

    /// <param name="lastAxis">The last axis on which the items may be. The operator computes over all later axes.</param>
    private static ProofValue GetSamples(NodeCall call, int lastAxis)
    {
        var data = call.Data(0);
        if (data.Rank < 3)
            throw new NotProvenException("its input has less than three axes");
        return data.Items is { } items && items.Axis > lastAxis ? throw new NotProvenException("it computes over the items") : data;
    }

    /// <summary>Returns the size of the output along each axis on which the window moves.</summary>
    private static IEnumerable<Extent> ComputeWindowSizes(NodeCall call, ProofValue data, ImmutableArray<Extent> kernel)
    {
        var axisCount = data.Rank - 2;
        if (kernel.Length != axisCount)
            throw new NotProvenException("its kernel does not fit the rank of its input");
        var (strides, dilations, pads) =
            (ReadList("strides", axisCount, 1), ReadList("dilations", axisCount, 1), ReadList("pads", 2 * axisCount, 0));
        var padding = call.Text("auto_pad", "NOTSET");
        var roundsUp = call.Integer("ceil_mode", 0) != 0;
        for (var i = 0; i < axisCount; i++)
        {
            var size = data.Dimension(i + 2);
            if (!size.IsConstant || !kernel[i].IsConstant || strides[i] <= 0)
            {
                yield return call.Symbols.GetSize(
                    $"window({size},{kernel[i]},{strides[i]},{dilations[i]},{pads[i]},{pads[axisCount + i]},"
                    + $"{padding},{roundsUp},{call.Node.Operator})");
                continue;
            }

            var windowSize = ((kernel[i].Factor - 1) * dilations[i]) + 1;
            yield return padding switch
            {
                "SAME_UPPER" or "SAME_LOWER" => Extent.FromConstant((size.Factor + strides[i] - 1) / strides[i]),
                // Implementations differ in the treatment of windows beyond the end, so the size stays unknown.
                _ when roundsUp => call.NewSize($"axis{i}"),
                "VALID" => Extent.FromConstant(((size.Factor - windowSize) / strides[i]) + 1),
                _ => Extent.FromConstant(((size.Factor + pads[i] + pads[axisCount + i] - windowSize) / strides[i]) + 1),
            };
        }

        ImmutableArray<long> ReadList(string name, int count, long defaultValue) => call.IntegerList(name) switch
        {
            { IsEmpty: true } => [.. Enumerable.Repeat(defaultValue, count)],
            var list when list.Length == count => list,
            _ => throw new NotProvenException($"its {name} do not fit the rank of its input"),
        };
    }
}
