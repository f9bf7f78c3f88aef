using System.Collections.Immutable;
using Inference.Onnx.Graph;

namespace Inference.Onnx.Proof;

/// <summary>
/// Computes the elements of integer tensors with few elements. An element may be a multiple of the number of items. Exported models compute
/// shapes and pads with such tensors.
/// </summary>
internal static class IntegerRules
{
    /// <summary>Values of <c>TensorProto.DataType</c>.</summary>
    private const int Int32 = 6, Int64 = 7, Bool = 9;

    /// <summary>
    /// Returns the values of the outputs; null when their elements cannot be computed. The caller then uses the operator's own rule.
    /// </summary>
    public static ProofValue[]? TryCompute(NodeCall call)
    {
        if (call.Node.Domain.Length > 0 || !call.Inputs.Any(static input => input?.Elements is not null))
            return null;
        try
        {
            return call.Node.Operator switch
            {
                "Identity" => [call.Inputs[0]!],
                "Cast" => Cast(call),
                "Concat" => Concat(call),
                "Gather" => Gather(call),
                "Slice" => IntegerViews.Slice(call),
                "Transpose" => IntegerViews.Transpose(call),
                "Split" => Split(call),
                "Squeeze" or "Unsqueeze" or "Reshape" => IntegerViews.ChangeShape(call),
                "ReduceProd" or "ReduceSum" => Reduce(call),
                "Range" => Range(call),
                "Expand" => Expand(call),
                "Where" => Where(call),
                _ => IntegerArithmetic.IsSupported(call.Node.Operator) ? Elementwise(call) : null,
            };
        }
        catch (Exception e) when (e is NotProvenException or ArithmeticException)
        {
            // An element is not known or overflows, so the operator's own rule applies.
            return null;
        }
    }

    private static ProofValue[]? Cast(NodeCall call)
    {
        var elements = GetElements(call, 0);
        switch (call.Integer("to", 0))
        {
            case Int32:
                return [call.Inputs[0]! with { Floats = null, Elements =
                    [.. elements.Select(static element => element.IsConstant ? Extent.FromConstant((int)element.Factor) : element)] }];
            case Int64:
                return [call.Inputs[0]! with { Floats = null }];
            case Bool when elements.All(static element => element.IsConstant):
                return [call.Inputs[0]! with { Elements =
                    [.. elements.Select(static element => Extent.FromConstant(element.Factor == 0 ? 0 : 1))] }];
            default:
                return null;
        }
    }

    private static ProofValue[]? Concat(NodeCall call)
    {
        if (call.Inputs.Any(static input => input is not { Dimensions.Length: 1 }))
            return null;
        return CreateVector([.. Enumerable.Range(0, call.Inputs.Length).SelectMany(index => call.Integers(index))]);
    }

    private static ProofValue[]? Gather(NodeCall call)
    {
        var (elements, indices) = (GetVectorElements(call, 0), call.Constants(1));
        if (call.Inputs[0]!.Rank != 1 || indices.Any(index => index < -elements.Length || index >= elements.Length))
            return null;
        ImmutableArray<Extent> chosen = [.. indices.Select(index => elements[(int)(index < 0 ? index + elements.Length : index)])];
        return [ProofValue.FromIntegers(chosen, isScalar: call.Inputs[1]!.Rank == 0)];
    }

    private static ProofValue[]? Split(NodeCall call)
    {
        var elements = GetVectorElements(call, 0);
        var count = call.Node.Outputs.Length;
        var sizes = call.Has(1) ? call.Constants(1) : call.IntegerList("split");
        if (sizes.IsEmpty && elements.Length % count == 0)
            sizes = [.. Enumerable.Repeat((long)(elements.Length / count), count)];
        if (sizes.Length != count || sizes.Any(static size => size < 0) || sizes.Sum() != elements.Length)
            return null;
        var parts = new ProofValue[count];
        var start = 0;
        for (var i = 0; i < count; i++)
        {
            parts[i] = ProofValue.FromIntegers(elements.Slice(start, (int)sizes[i]));
            start += (int)sizes[i];
        }

        return parts;
    }

    private static ProofValue[]? Reduce(NodeCall call)
    {
        var elements = GetVectorElements(call, 0);
        if (call.AttributeOrInput("axes", 1) is { IsEmpty: false } axes && axes is not [0 or -1])
            return null;
        if (call.Integer("noop_with_empty_axes", 0) != 0)
            return null;
        var keepsDimension = call.Integer("keepdims", 1) != 0 && call.Inputs[0]!.Rank == 1;
        Extent? total = call.Node.Operator == "ReduceProd" ? Extent.Product(elements.AsSpan())
            : elements.All(static element => element.IsConstant) ? Extent.FromConstant(elements.Sum(static element => element.Factor))
                : null;
        return total is { } result ? [ProofValue.FromIntegers([result], isScalar: !keepsDimension)] : null;
    }

    private static ProofValue[]? Range(NodeCall call)
    {
        if (call.Constants(0) is not [var start] || call.Constants(1) is not [var limit] || call.Constants(2) is not [var step and not 0])
            return null;
        var elements = ImmutableArray.CreateBuilder<Extent>();
        for (var value = start; step > 0 ? value < limit : value > limit; value += step)
        {
            if (elements.Count == OnnxTensorReader.MaxElements)
                return null;
            elements.Add(Extent.FromConstant(value));
        }

        return CreateVector(elements.DrainToImmutable());
    }

    private static ProofValue[]? Expand(NodeCall call) =>
        GetVectorElements(call, 0) is [var element] && call.Constants(1) is [var length and >= 1 and <= OnnxTensorReader.MaxElements]
            ? CreateVector([.. Enumerable.Repeat(element, (int)length)])
            : null;

    private static ProofValue[]? Where(NodeCall call)
    {
        var (conditions, left, right) = (call.Integers(0), call.Integers(1), call.Integers(2));
        return Combine(call, [conditions, left, right], values =>
            values[0] is { IsConstant: true } condition ? (condition.Factor != 0 ? values[1] : values[2])
            : values[1] == values[2] ? values[1]
            : values.Any(static value => value.HasItems) ? null
            : call.Symbols.GetValue($"where({values[0]},{values[1]},{values[2]})"));
    }

    private static ProofValue[]? Elementwise(NodeCall call)
    {
        var inputs = Enumerable.Range(0, call.Inputs.Length).Select(call.Integers).ToArray();
        return Combine(call, inputs, values => IntegerArithmetic.Compute(call.Node.Operator, values, call.Symbols));
    }

    private static ProofValue[]? Combine(NodeCall call, ImmutableArray<Extent>[] inputs, Func<Extent[], Extent?> compute)
    {
        var length = inputs.Max(static input => input.Length);
        if (inputs.Any(input => input.Length != length && input.Length != 1))
            return null;
        var results = ImmutableArray.CreateBuilder<Extent>(length);
        for (var i = 0; i < length; i++)
        {
            if (compute([.. inputs.Select(input => input[input.Length == 1 ? 0 : i])]) is not { } result)
                return null;
            results.Add(result);
        }

        return [ProofValue.FromIntegers(results.DrainToImmutable(), isScalar: call.Inputs.All(static input => input!.Rank == 0))];
    }

    /// <summary>Returns the known elements of an input of rank 0 or 1.</summary>
    private static ImmutableArray<Extent> GetVectorElements(NodeCall call, int index) =>
        call.Inputs[index] is { Elements: { } elements, Rank: <= 1 }
        ? elements
        : throw new NotProvenException("the elements are not known");

    /// <summary>Returns the known elements of an input.</summary>
    public static ImmutableArray<Extent> GetElements(NodeCall call, int index) =>
        call.Inputs[index]?.Elements ?? throw new NotProvenException("the elements are not known");

    private static ProofValue[] CreateVector(ImmutableArray<Extent> elements) => [ProofValue.FromIntegers(elements)];
}
