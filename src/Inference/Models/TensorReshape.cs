using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// Maps the shape of a tensor in requests and responses to the shape of the model's tensor, and back. The elements and their order stay the
/// same.
/// </summary>
/// <param name="callerDims">The dimensions in requests and responses, without the batch. -1 is a dynamic dimension.</param>
/// <param name="modelDims">
/// The dimensions of the model's tensor, without the batch. Both shapes must have equally many dynamic dimensions. The products of the
/// fixed dimensions before, between and after the dynamic ones are equal, as in [-1, 4] and [-1, 2, 2].
/// </param>
/// <param name="hasBatch">Whether both shapes have the batch as an additional first dimension.</param>
public sealed class TensorReshape(ImmutableArray<long> callerDims, ImmutableArray<long> modelDims, bool hasBatch)
{
    /// <summary>Whether both shapes have the batch as an additional first dimension.</summary>
    public bool HasBatch { get; } = hasBatch;

    /// <summary>Returns the declaration of a tensor with the shape that the tensor has in requests and responses.</summary>
    public TensorSpec Apply(TensorSpec spec)
    {
        long[] shape = HasBatch ? [spec.Shape[0], .. callerDims] : [.. callerDims];
        string[] symbols = HasBatch ? [spec.Symbols[0], .. callerDims.Select(_ => "")] : [.. callerDims.Select(_ => "")];
        return spec with { Shape = new Shape(shape), Symbols = [.. symbols], AcceptsAnyShape = false };
    }

    /// <summary>
    /// Returns the shape for the model; null when the given shape does not match the caller's dimensions. With <c>[-1, 4]</c> for the
    /// caller and <c>[-1, 2, 2]</c> for the model, <c>[3, 4]</c> becomes <c>[3, 2, 2]</c>.
    /// </summary>
    public Shape? ToModel(Shape shape) => Map(shape, callerDims, modelDims);

    /// <summary>Returns the shape for the caller; null when the given shape does not match the model's dimensions.</summary>
    public Shape? ToCaller(Shape shape) => Map(shape, modelDims, callerDims);

    /// <summary>Whether one shape can become the other for all sizes of the dynamic dimensions.</summary>
    public static bool IsPossible(ReadOnlySpan<long> callerDims, ReadOnlySpan<long> modelDims)
    {
        while (true)
        {
            var (callerAxis, modelAxis) = (callerDims.IndexOf(Shape.Dynamic), modelDims.IndexOf(Shape.Dynamic));
            if (!Shape.TryCount(callerAxis < 0 ? callerDims : callerDims[..callerAxis], out var callerElements)
                || !Shape.TryCount(modelAxis < 0 ? modelDims : modelDims[..modelAxis], out var modelElements)
                || callerElements != modelElements || callerAxis < 0 != modelAxis < 0)
            {
                return false;
            }

            if (callerAxis < 0)
                return true;
            callerDims = callerDims[(callerAxis + 1)..];
            modelDims = modelDims[(modelAxis + 1)..];
        }
    }

    private Shape? Map(Shape shape, ImmutableArray<long> from, ImmutableArray<long> to)
    {
        var batch = HasBatch ? 1 : 0;
        if (shape.Rank != from.Length + batch)
            return null;
        Span<long> mapped = stackalloc long[to.Length + batch];
        if (HasBatch)
            mapped[0] = shape[0];
        to.CopyTo(mapped[batch..]);
        for (var axis = 0; axis < from.Length; axis++)
        {
            var size = shape[axis + batch];
            if (from[axis] == Shape.Dynamic)
                mapped[batch + mapped[batch..].IndexOf(Shape.Dynamic)] = size;
            else if (from[axis] != size)
                return null;
        }

        return new Shape(mapped);
    }
}
