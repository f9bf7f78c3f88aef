using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The shape that requests and responses have for a tensor of the model. The elements and their order are the same.</summary>
/// <param name="CallerDims">The dimensions in requests and responses, without the batch. -1 is a dynamic dimension.</param>
/// <param name="ModelDims">
/// The dimensions of the model's tensor, without the batch. They have as many dynamic dimensions as <paramref name="CallerDims"/>. The
/// products of the fixed dimensions before, between and after the dynamic ones are equal, as in [-1, 4] and [-1, 2, 2].
/// </param>
/// <param name="HasBatch">Whether both shapes have the batch as an additional first dimension.</param>
public sealed record TensorReshape(ImmutableArray<long> CallerDims, ImmutableArray<long> ModelDims, bool HasBatch)
{
    /// <summary>Returns the tensor with the shape that it has in requests and responses.</summary>
    public TensorSpec Apply(TensorSpec spec)
    {
        long[] shape = HasBatch ? [spec.Shape[0], .. CallerDims] : [.. CallerDims];
        string[] symbols = HasBatch ? [spec.Symbols[0], .. CallerDims.Select(_ => "")] : [.. CallerDims.Select(_ => "")];
        return spec with { Shape = new Shape(shape), Symbols = [.. symbols], AcceptsAnyShape = false };
    }

    /// <summary>Returns the shape for the model; null when the given shape does not match <see cref="CallerDims"/>.</summary>
    public Shape? ToModel(Shape shape) => Map(shape, CallerDims, ModelDims);

    /// <summary>Returns the shape for the caller; null when the given shape does not match <see cref="ModelDims"/>.</summary>
    public Shape? ToCaller(Shape shape) => Map(shape, ModelDims, CallerDims);

    /// <summary>Whether one shape can become the other for all sizes of the dynamic dimensions.</summary>
    public static bool IsPossible(ReadOnlySpan<long> callerDims, ReadOnlySpan<long> modelDims)
    {
        while (true)
        {
            var (caller, model) = (callerDims.IndexOf(Shape.Dynamic), modelDims.IndexOf(Shape.Dynamic));
            if (!Shape.TryCount(caller < 0 ? callerDims : callerDims[..caller], out var left)
                || !Shape.TryCount(model < 0 ? modelDims : modelDims[..model], out var right)
                || left != right || caller < 0 != model < 0)
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

    public bool Equals(TensorReshape? other) =>
        other is not null && HasBatch == other.HasBatch && CallerDims.SequenceEqual(other.CallerDims) && ModelDims.SequenceEqual(other.ModelDims);

    public override int GetHashCode() => HashCode.Combine(HasBatch, CallerDims.Length, ModelDims.Length);
}
