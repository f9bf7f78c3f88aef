using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The shape that requests and responses have for a tensor of the model. The elements and their order are the same.</summary>
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

    /// <summary>Returns the tensor with the shape that it has in requests and responses.</summary>
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
            var (caller, model) = (callerDims.IndexOf(Shape.Dynamic), modelDims.IndexOf(Shape.Dynamic));
            if (!Shape.TryCount(caller < 0 ? callerDims : callerDims[..caller], out var callerElements)
                || !Shape.TryCount(model < 0 ? modelDims : modelDims[..model], out var modelElements)
                || callerElements != modelElements || caller < 0 != model < 0)
            {
                return false;
            }

            if (caller < 0)
                return true;
            callerDims = callerDims[(caller + 1)..];
            modelDims = modelDims[(model + 1)..];
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
