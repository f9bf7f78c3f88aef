using System.Collections.Immutable;
using Inference.Onnx.Graph;

namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of operators that create values from constants and shapes.</summary>
internal static class ConstantRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("Constant", Constant);
        rules.Add("ConstantOfShape", ConstantOfShape);
        rules.Add("Shape", Shape);
        rules.Add("Size", Size);
        rules.Add("Range", static call => call.IsShared
            ? [ProofValue.Shared([call.NewSize("length")])]
            : throw new NotProvenException("its start, limit or step depends on the items"));
        rules.Add("NonZero", static call => call.IsShared
            ? [ProofValue.Shared([Extent.FromConstant(Math.Max(1, call.Data(0).Rank)), call.NewSize("count")])]
            : throw new NotProvenException("the number of elements that it finds depends on the items"));
    }

    /// <summary>Creates the value of a constant of the graph.</summary>
    public static ProofValue FromTensor(OnnxTensor tensor)
    {
        var elements = tensor.Integers is { } integers ? [.. integers.Select(Extent.FromConstant)] : (ImmutableArray<Extent>?)null;
        return new ProofValue
        {
            Dimensions = [.. tensor.Dimensions.Select(Extent.FromConstant)],
            Elements = elements,
            Floats = tensor.Floats,
        };
    }

    private static ProofValue[] Constant(NodeCall call)
    {
        if (call.Attribute("value")?.Tensor is { } tensor)
            return [FromTensor(tensor)];
        if (call.Attribute("value_int")?.Integer is { } integer)
            return [ProofValue.FromIntegers([Extent.FromConstant(integer)], isScalar: true)];
        if (call.Attribute("value_ints") is { } integers && integers.Integers.Length < OnnxTensorReader.MaxElements)
            return [ProofValue.FromIntegers([.. integers.Integers.Select(Extent.FromConstant)])];
        if (call.Attribute("value_floats") is { } floats && floats.Floats.Length < OnnxTensorReader.MaxElements)
            return [new ProofValue { Dimensions = [Extent.FromConstant(floats.Floats.Length)], Floats = floats.Floats }];
        if (call.Attribute("value_float") is not null || call.Attribute("value_string") is not null)
            return [ProofValue.Shared([])];
        return [ProofValue.SharedOfAnyShape];
    }

    private static ProofValue[] Shape(NodeCall call)
    {
        // The elements of the input are allowed to depend on the number of items, because only the shape of the input is used.
        var data = call.Inputs[0] ?? throw new NotProvenException("its input is missing");
        if (data is { IsShared: true, Dimensions: null })
            return [data];
        var rank = data.Rank;
        var start = Clamp(call.Integer("start", 0));
        var end = Clamp(call.Integer("end", rank));
        return [ProofValue.FromIntegers(start < end ? data.Shape[start..end] : [])];

        int Clamp(long axis) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
    }

    private static ProofValue[] Size(NodeCall call)
    {
        var data = call.Inputs[0] ?? throw new NotProvenException("its input is missing");
        var size = Extent.Product(data.Shape.AsSpan()) ?? throw new NotProvenException("a size is too large for the proof");
        return [ProofValue.FromIntegers([size], isScalar: true)];
    }

    /// <summary>
    /// Fills a shape with a constant. The result has items when a size of the shape is a multiple of the number of items.
    /// </summary>
    private static ProofValue[] ConstantOfShape(NodeCall call)
    {
        var shape = call.Integers(0);
        ItemPosition? position = null;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (!shape[axis].HasItems)
                continue;
            if (position is not null)
                throw new NotProvenException("two sizes of its shape depend on the number of items");
            position = new ItemPosition(axis, Extent.One, shape[axis].DivideBy(Extent.Items)!.Value);
        }

        var value = call.Attribute("value")?.Tensor;
        if (shape is [{ IsConstant: true, Factor: >= 0 and <= OnnxTensorReader.MaxElements } length]
            && value is { Integers: [var integer] })
        {
            return [ProofValue.FromIntegers([.. Enumerable.Repeat(Extent.FromConstant(integer), (int)length.Factor)])];
        }

        return [ProofValue.Create(
            shape.Select((size, axis) => size.HasItems || call.Symbols.IsNonNegative(size) ? size : call.NewSize($"axis{axis}")),
            position)];
    }
}
