using Inference.Models;
using Inference.Tensors;

namespace Inference.WarmUp;

/// <summary>Runs a model before its use on generated inputs: zeros, in the smallest shape that the model accepts.</summary>
public static class ZeroRun
{
    /// <exception cref="InferenceException">The model failed on the inputs. Some models legitimately do.</exception>
    public static async Task RunAsync(IModelSession session, CancellationToken cancellationToken)
    {
        var signature = session.Signature;
        // Such inputs would be refused in requests too.
        if (signature.ZeroSizeObstacle is not null && signature.Inputs.Any(input => input.Shape.Dimensions.Contains(0)))
            return;
        var inputs = new List<Tensor>();
        try
        {
            foreach (var input in signature.Inputs)
                inputs.Add(Zeros(input));
            GeneratedIntegers.WithoutSizesOfZero(signature, [.. inputs]);
            foreach (var output in await session.RunAsync(inputs, signature.AllOutputs, Deadline.None, cancellationToken)
                .ConfigureAwait(false))
            {
                output.Dispose();
            }
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    private static Tensor EmptyTexts(Shape shape)
    {
        var length = (int)shape.ElementCount * PackedBytes.PrefixSize;
        return Tensor.Own(ElementType.Bytes, shape, PooledBytes.Rent(length), length);
    }

    private static Tensor Zeros(TensorSpec input)
    {
        var dimensions = new long[input.Shape.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
            dimensions[axis] = input.Shape[axis] == Shape.Dynamic ? 1 : input.Shape[axis];
        var tensor = input.Type == ElementType.Bytes ? EmptyTexts(new Shape(dimensions)) : Tensor.Rent(input.Type, new Shape(dimensions));
        tensor.Data.Span.Clear();
        return tensor;
    }
}
