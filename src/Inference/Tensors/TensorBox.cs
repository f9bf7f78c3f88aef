namespace Inference.Tensors;

/// <summary>Joins and cuts tensors whose rows differ in length. The tensors must not hold byte strings.</summary>
public static class TensorBox
{
    /// <summary>
    /// Joins the rows of the parts into one tensor, each dimension as long as in the longest part. The caller keeps owning the parts.
    /// </summary>
    /// <param name="parts">Tensors of one type and one rank.</param>
    /// <param name="fill">The bytes of the element that fills the gaps of shorter parts.</param>
    public static Tensor Join(IReadOnlyList<Tensor> parts, ReadOnlySpan<byte> fill)
    {
        var dimensions = parts[0].Shape.Dimensions.ToArray();
        for (var axis = 1; axis < dimensions.Length; axis++)
            dimensions[axis] = parts.Max(part => part.Shape[axis]);
        if (parts.All(part => part.Shape.Dimensions[1..].SequenceEqual(dimensions.AsSpan(1))))
            return Tensor.Concatenate(parts);

        dimensions[0] = parts.Sum(part => part.Shape[0]);
        var joined = Tensor.Rent(parts[0].Type, new Shape(dimensions));
        for (var at = 0; at < joined.Data.Length; at += fill.Length)
            fill.CopyTo(joined.Data.Span[at..]);
        var row = 0L;
        foreach (var part in parts)
        {
            Copy(part.Data.Span, part.Shape, joined.Rows(row, part.Shape[0]).Data.Span, joined.Shape, part.Shape, part.Type.Size());
            row += part.Shape[0];
        }

        return joined;
    }

    /// <summary>Copies the corner of a tensor that the shape covers.</summary>
    /// <param name="shape">The shape to cut out. No dimension may be larger than that of the tensor.</param>
    public static Tensor Cut(Tensor tensor, Shape shape)
    {
        var cut = Tensor.Rent(tensor.Type, shape);
        Copy(tensor.Data.Span, tensor.Shape, cut.Data.Span, shape, shape, tensor.Type.Size());
        return cut;
    }

    /// <summary>Copies the elements in the corner of one tensor to the same positions in another tensor of other lengths.</summary>
    private static void Copy(
        ReadOnlySpan<byte> source, Shape sourceShape, Span<byte> target, Shape targetShape, Shape box, int size, int axis = 0)
    {
        if (axis == box.Rank - 1)
        {
            source[..(int)(box[axis] * size)].CopyTo(target);
            return;
        }

        Shape.TryCount(sourceShape.Dimensions[(axis + 1)..], out var sourceStride);
        Shape.TryCount(targetShape.Dimensions[(axis + 1)..], out var targetStride);
        for (var i = 0; i < box[axis]; i++)
        {
            Copy(source[(int)(i * sourceStride * size)..], sourceShape, target[(int)(i * targetStride * size)..], targetShape, box, size,
                axis + 1);
        }
    }
}
