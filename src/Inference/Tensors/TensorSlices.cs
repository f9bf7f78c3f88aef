namespace Inference.Tensors;

/// <summary>A range of slices of a tensor along an axis. Each method takes the axis as an argument.</summary>
/// <param name="Start">The index of the first slice.</param>
/// <param name="Count">The number of slices.</param>
public readonly record struct TensorSlices(Tensor Tensor, int Start, int Count)
{
    /// <summary>Joins the slices of all parts into a new tensor, in order. The caller remains the owner of the parts.</summary>
    /// <param name="parts">The parts, of one type with elements of a fixed size.</param>
    /// <param name="axis">An axis of every part.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the parts differ in another dimension.</exception>
    public static Tensor Join(IReadOnlyList<TensorSlices> parts, int axis)
    {
        var first = parts[0].Tensor;
        var slices = 0L;
        foreach (var part in parts)
        {
            ThrowIfDifferent(part.Tensor, first.Type, first.Shape, axis);
            slices += part.Count;
        }

        var joined = Tensor.Rent(first.Type, first.Shape.With(axis, slices));
        var position = 0L;
        foreach (var part in parts)
        {
            part.CopyTo(joined, axis, position);
            position += part.Count;
        }

        return joined;
    }

    /// <summary>Whether two shapes have the same rank, and equal sizes in all dimensions except this axis.</summary>
    public static bool AreEqualExceptIn(int axis, Shape left, Shape right) =>
        left.Rank == right.Rank
        && left.Dimensions[..axis].SequenceEqual(right.Dimensions[..axis])
        && left.Dimensions[(axis + 1)..].SequenceEqual(right.Dimensions[(axis + 1)..]);

    /// <summary>Copies the slices to a new tensor.</summary>
    public Tensor Copy(int axis) => Join([this], axis);

    /// <summary>
    /// Throws when a tensor cannot be a part of a joined tensor, because its type differs, or its shape in another axis than this one.
    /// </summary>
    /// <param name="shape">The shape of the joined tensor or of another part.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the type or the shape differs.</exception>
    internal static void ThrowIfDifferent(Tensor part, ElementType type, Shape shape, int axis)
    {
        if (part.Type != type || !AreEqualExceptIn(axis, part.Shape, shape))
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The items' outputs differ in shape ({shape} and {part.Shape}), so they do not form one tensor. "
                + "Send the items one by one.");
        }
    }

    /// <summary>Copies the slices into a tensor whose shape may differ in the size of this axis only.</summary>
    /// <param name="position">The index of the first slice in the target.</param>
    internal void CopyTo(Tensor target, int axis, long position)
    {
        Shape.TryCount(target.Shape.Dimensions[..axis], out var blocks);
        Shape.TryCount(target.Shape.Dimensions[(axis + 1)..], out var sliceSize);
        sliceSize *= target.Type.Size();
        var source = Tensor.Data.Span;
        var destination = target.Data.Span;
        for (var block = 0L; block < blocks; block++)
        {
            source.Slice((int)(((block * Tensor.Shape[axis]) + Start) * sliceSize), (int)(Count * sliceSize))
                .CopyTo(destination[(int)(((block * target.Shape[axis]) + position) * sliceSize)..]);
        }
    }
}
