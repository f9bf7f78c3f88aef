namespace Inference.Tensors;

/// <summary>Joins tensors whose rows differ in length, and crops tensors. The tensors must not hold byte strings.</summary>
public static class TensorPadding
{
    /// <summary>
    /// Concatenates tensors along the first dimension. Every other dimension of the result has the size of the largest part, and
    /// <paramref name="fill"/> fills the gaps. The caller disposes the result, and still owns the parts.
    /// </summary>
    /// <param name="parts">Tensors of one type and one rank.</param>
    /// <param name="fill">The bytes of the element that fills the gaps of shorter parts.</param>
    /// <returns>
    /// A tensor of the shape [sum of the first sizes, largest second size, …]. For example, [1, 3] and [2, 5] become [3, 5].
    /// </returns>
    public static Tensor Join(IReadOnlyList<Tensor> parts, ReadOnlySpan<byte> fill) =>
        parts.All(part => part.Shape.WithoutFirst == parts[0].Shape.WithoutFirst)
            ? Tensor.Concatenate(parts)
            : Join([.. parts.Select(static part => new TensorCorner(part, part.Shape))], fill);

    /// <summary>
    /// Concatenates corners of tensors along the first dimension, as <see cref="Join(IReadOnlyList{Tensor}, ReadOnlySpan{byte})"/> does
    /// with whole tensors.
    /// </summary>
    /// <param name="parts">Corners of tensors of one type and one rank.</param>
    /// <param name="fill">The bytes of the element that fills the gaps of shorter parts.</param>
    public static Tensor Join(TensorCorner[] parts, ReadOnlySpan<byte> fill)
    {
        var dimensions = parts[0].Shape.Dimensions.ToArray();
        for (var axis = 1; axis < dimensions.Length; axis++)
            dimensions[axis] = parts.Max(part => part.Shape[axis]);
        var haveEqualRows = Array.TrueForAll(parts, part => part.Shape.Dimensions[1..].SequenceEqual(dimensions.AsSpan(1)));
        if (haveEqualRows && Array.TrueForAll(parts, static part => part.IsWhole))
            return Tensor.Concatenate(Array.ConvertAll(parts, static part => part.Tensor));

        dimensions[0] = parts.Sum(static part => part.Shape[0]);
        var joined = Tensor.Rent(parts[0].Tensor.Type, new Shape(dimensions));
        for (var offset = 0; !haveEqualRows && offset < joined.Data.Length; offset += fill.Length)
            fill.CopyTo(joined.Data.Span[offset..]);
        var row = 0L;
        foreach (var (tensor, corner) in parts)
        {
            Copy(tensor.Data.Span, tensor.Shape, joined.Rows(row, corner[0]).Data.Span, joined.Shape, corner, tensor.Type.Size());
            row += corner[0];
        }

        return joined;
    }

    /// <summary>Copies the corner of a tensor. The caller disposes the copy.</summary>
    /// <param name="shape">The shape of the corner. No dimension may be larger than the tensor's dimension.</param>
    public static Tensor Crop(Tensor tensor, Shape shape)
    {
        var cropped = Tensor.Rent(tensor.Type, shape);
        Copy(tensor.Data.Span, tensor.Shape, cropped.Data.Span, shape, shape, tensor.Type.Size());
        return cropped;
    }

    /// <summary>
    /// Copies the elements in the corner of one tensor to the same positions in another tensor, whose dimensions may have other sizes.
    /// </summary>
    /// <param name="corner">The shape of the corner, which fits into both tensors.</param>
    private static void Copy(
        ReadOnlySpan<byte> source, Shape sourceShape, Span<byte> target, Shape targetShape, Shape corner, int size, int axis = 0)
    {
        if (axis == corner.Rank - 1)
        {
            source[..(int)(corner[axis] * size)].CopyTo(target);
            return;
        }

        Shape.TryCount(sourceShape.Dimensions[(axis + 1)..], out var sourceStride);
        Shape.TryCount(targetShape.Dimensions[(axis + 1)..], out var targetStride);
        for (var i = 0; i < corner[axis]; i++)
        {
            Copy(source[(int)(i * sourceStride * size)..], sourceShape, target[(int)(i * targetStride * size)..], targetShape, corner, size,
                axis + 1);
        }
    }
}

/// <summary>The part of a tensor that starts at index 0 in every dimension and has the given shape.</summary>
/// <param name="Shape">No dimension may be larger than the tensor's dimension.</param>
public readonly record struct TensorCorner(Tensor Tensor, Shape Shape)
{
    /// <summary>Whether the corner is the whole tensor.</summary>
    public bool IsWhole => Shape == Tensor.Shape;
}
