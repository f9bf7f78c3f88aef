using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The shape that requests and responses have for a tensor of the model. The elements and their order are the same.</summary>
/// <param name="OfCaller">The dimensions in requests and responses, without the batch. -1 is a dynamic dimension.</param>
/// <param name="OfModel">
/// The dimensions of the model's tensor, without the batch. They have as many dynamic dimensions as <paramref name="OfCaller"/>. The
/// products of the fixed dimensions before, between and after the dynamic ones are equal, as in [-1, 4] and [-1, 2, 2].
/// </param>
/// <param name="HasBatch">Whether both shapes have the batch as an additional first dimension.</param>
public sealed record TensorReshape(ImmutableArray<long> OfCaller, ImmutableArray<long> OfModel, bool HasBatch)
{
    /// <summary>Returns the tensor with the shape that it has in requests and responses.</summary>
    public TensorSpec Apply(TensorSpec spec)
    {
        long[] shape = HasBatch ? [spec.Shape[0], .. OfCaller] : [.. OfCaller];
        string[] symbols = HasBatch ? [spec.Symbols[0], .. OfCaller.Select(_ => "")] : [.. OfCaller.Select(_ => "")];
        return spec with { Shape = new Shape(shape), Symbols = [.. symbols], AnyShape = false };
    }

    /// <summary>Returns the shape for the model; null when the given shape does not match <see cref="OfCaller"/>.</summary>
    public Shape? ToModel(Shape shape) => Map(shape, OfCaller, OfModel);

    /// <summary>Returns the shape for the caller; null when the given shape does not match <see cref="OfModel"/>.</summary>
    public Shape? ToCaller(Shape shape) => Map(shape, OfModel, OfCaller);

    /// <summary>Whether one shape can become the other for all sizes of the dynamic dimensions.</summary>
    public static bool IsPossible(ReadOnlySpan<long> ofCaller, ReadOnlySpan<long> ofModel)
    {
        while (true)
        {
            var (caller, model) = (ofCaller.IndexOf(Shape.Dynamic), ofModel.IndexOf(Shape.Dynamic));
            if (!Shape.TryCount(caller < 0 ? ofCaller : ofCaller[..caller], out var left)
                || !Shape.TryCount(model < 0 ? ofModel : ofModel[..model], out var right)
                || left != right || caller < 0 != model < 0)
            {
                return false;
            }

            if (caller < 0)
                return true;
            ofCaller = ofCaller[(caller + 1)..];
            ofModel = ofModel[(model + 1)..];
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
        other is not null && HasBatch == other.HasBatch && OfCaller.SequenceEqual(other.OfCaller) && OfModel.SequenceEqual(other.OfModel);

    public override int GetHashCode() => HashCode.Combine(HasBatch, OfCaller.Length, OfModel.Length);
}
