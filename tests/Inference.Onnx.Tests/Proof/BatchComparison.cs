using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Tests.Proof;

/// <summary>Runs items alone and together, and compares their results.</summary>
internal static class BatchComparison
{
    private const double Tolerance = 1e-4;

    /// <summary>Runs random items together, and runs each item alone.</summary>
    /// <param name="sizes">The size of the dynamic dimensions other than the dimension of the items.</param>
    /// <returns>A description of the first difference, or null for no difference; and whether the model accepted the inputs.</returns>
    public static async Task<(string? Difference, bool Ran)> TryCompareAsync(
        IModelSession session, BatchLayout layout, int items, int sizes, Random random)
    {
        Tensor[] together = [.. session.Signature.Inputs.Select((spec, input) => Make(spec, layout.Inputs[input], items, sizes, random))];
        var joined = await TryRunAsync(session, together);
        for (var item = 0; item < items; item++)
        {
            Tensor[] itemInputs = [
                .. together.Select((tensor, input) => layout.Inputs[input] < 0 ? tensor : Slice(tensor, layout.Inputs[input], item))];
            var alone = await TryRunAsync(session, itemInputs);
            if (alone is null != joined is null)
            {
                return ($"item {item} {(alone is null ? "fails alone" : "runs alone")}, {items} items "
                    + $"together {(joined is null ? "fail" : "run")}", true);
            }

            if (alone is null)
                return (null, false);
            for (var output = 0; output < alone.Length; output++)
            {
                var axis = layout.Outputs[output];
                if (joined![output].Shape.Rank <= axis || joined[output].Shape[axis] != items)
                    return ($"output {output} has shape {joined[output].Shape} for {items} items", true);
                if (Compare(alone[output], Slice(joined[output], axis, item)) is { } difference)
                    return ($"item {item} of {items}, output {output}: {difference}", true);
            }
        }

        return (null, true);
    }

    private static async Task<Tensor[]?> TryRunAsync(IModelSession session, Tensor[] inputs)
    {
        int[] outputs = [.. Enumerable.Range(0, session.Signature.Outputs.Length)];
        try
        {
            return await session.RunAsync(inputs, outputs, default, CancellationToken.None);
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            return null;
        }
    }

    private static Tensor Make(TensorSpec spec, int axis, int items, int sizes, Random random)
    {
        var dimensions = spec.Shape.Dimensions.ToArray();
        for (var i = 0; i < dimensions.Length; i++)
            dimensions[i] = i == axis ? items : dimensions[i] == Shape.Dynamic ? sizes : dimensions[i];
        var tensor = Tensor.Rent(spec.Type, new Shape(dimensions));
        if (spec.Type == ElementType.Float32)
        {
            foreach (ref var value in tensor.Values<float>())
                value = (float)((4 * random.NextDouble()) - 2);
        }
        else
        {
            tensor.Data.Span.Clear();
            for (var start = 0; start < tensor.Data.Length; start += spec.Type.Size())
                tensor.Data.Span[start] = (byte)random.Next(2);
        }

        return tensor;
    }

    /// <summary>Copies one item of a tensor.</summary>
    private static Tensor Slice(Tensor tensor, int axis, int item)
    {
        var dimensions = tensor.Shape.Dimensions.ToArray();
        Shape.TryCount(dimensions.AsSpan(axis + 1), out var inner);
        Shape.TryCount(dimensions.AsSpan(0, axis), out var outer);
        var size = tensor.Type.Size();
        var row = (int)inner * size;
        var stride = row * (int)dimensions[axis];
        dimensions[axis] = 1;
        var slice = Tensor.Rent(tensor.Type, new Shape(dimensions));
        for (var group = 0; group < outer; group++)
            tensor.Data.Span.Slice((group * stride) + (item * row), row).CopyTo(slice.Data.Span[(group * row)..]);
        return slice;
    }

    private static string? Compare(Tensor alone, Tensor together)
    {
        if (alone.Shape != together.Shape)
            return $"shape {alone.Shape} alone, {together.Shape} together";
        if (alone.Type != ElementType.Float32)
            return alone.Data.Span.SequenceEqual(together.Data.Span) ? null : "other values";
        var expected = alone.Values<float>();
        var actual = together.Values<float>();
        var scale = 1e-3;
        foreach (var value in expected)
            scale = float.IsFinite(value) ? Math.Max(scale, Math.Abs(value)) : scale;
        for (var i = 0; i < expected.Length; i++)
        {
            var isSame = expected[i].Equals(actual[i]) || Math.Abs((double)expected[i] - actual[i]) <= Tolerance * scale;
            if (!isSame)
                return $"{expected[i]} alone, {actual[i]} together";
        }

        return null;
    }
}
