using System.Collections.ObjectModel;
using Inference.Models;
using Inference.Tensors;

namespace Inference.WarmUp;

/// <summary>
/// Runs a model on generated inputs before it is used. The inputs are zeros in the smallest shapes that the signature permits.
/// </summary>
public static class ZeroRun
{
    /// <summary>Runs the model once on zeros in the smallest shapes.</summary>
    /// <exception cref="InferenceException">The model failed on the inputs. A correct model may fail on generated inputs.</exception>
    public static Task RunAsync(IModelSession session, CancellationToken cancellationToken) =>
        RunAsync(session, ReadOnlyDictionary<string, Shape>.Empty, cancellationToken);

    /// <summary>Runs the model once on zeros in the given shapes.</summary>
    /// <param name="shapes">The shapes of inputs by name, in place of the smallest shapes. The shapes fit the signature.</param>
    /// <inheritdoc cref="RunAsync(IModelSession, CancellationToken)" path="/exception"/>
    public static async Task RunAsync(
        IModelSession session, IReadOnlyDictionary<string, Shape> shapes, CancellationToken cancellationToken)
    {
        var signature = session.Signature;
        // The model could crash on a dimension of size 0. Requests with such a dimension are refused for the same reason.
        if (signature.ZeroSizeObstacle is not null && signature.Inputs.Any(input => input.Shape.Dimensions.Contains(0)))
            return;
        var inputs = new List<Tensor>();
        try
        {
            foreach (var input in signature.Inputs)
                inputs.Add(CreateZeros(input, shapes.TryGetValue(input.Name, out var shape) ? shape : GetSmallestShape(input)));
            GeneratedIntegers.ReplaceZeros(signature, [.. inputs]);
            (await session.RunAsync(inputs, signature.AllOutputs, Deadline.None, cancellationToken).ConfigureAwait(false)).DisposeAll();
        }
        finally
        {
            inputs.DisposeAll();
        }
    }

    private static Tensor CreateEmptyTexts(Shape shape)
    {
        var length = (int)shape.ElementCount * PackedBytes.PrefixSize;
        return Tensor.FromRented(ElementType.Bytes, shape, PooledBytes.Rent(length), length);
    }

    private static Shape GetSmallestShape(TensorSpec input)
    {
        var dimensions = new long[input.Shape.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
            dimensions[axis] = input.Shape[axis] == Shape.Dynamic ? 1 : input.Shape[axis];
        return new Shape(dimensions);
    }

    private static Tensor CreateZeros(TensorSpec input, Shape shape)
    {
        var tensor = input.Type == ElementType.Bytes ? CreateEmptyTexts(shape) : Tensor.Rent(input.Type, shape);
        tensor.Data.Span.Clear();
        return tensor;
    }
}
