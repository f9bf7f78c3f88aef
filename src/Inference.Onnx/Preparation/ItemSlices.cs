using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Joins tensors of single items along any axis, and compares the slices of a joined tensor with the tensors of single items.
/// </summary>
internal static class ItemSlices
{
    /// <summary>The difference between different strings, or between a finite number and NaN or an infinity.</summary>
    public const double Incomparable = double.PositiveInfinity;

    /// <summary>Joins the slices of the parts into one tensor, which the caller disposes.</summary>
    /// <param name="parts">Tensors of the same type and shape, with the size 1 at the axis.</param>
    public static Tensor Join(IReadOnlyList<Tensor> parts, int axis) => axis == 0
        ? Tensor.Concatenate(parts)
        : TensorSlices.Join([.. parts.Select(static part => new TensorSlices(part, Start: 0, Count: 1))], axis);

    /// <summary>Copies one slice of a tensor. The caller disposes the copy.</summary>
    public static Tensor CopySlice(Tensor tensor, int axis, int index)
    {
        if (axis == 0)
        {
            using var row = tensor.Rows(index, 1);
            return row.Copy();
        }

        return new TensorSlices(tensor, index, Count: 1).Copy(axis);
    }

    /// <summary>
    /// Whether the joined tensor has one slice per item at the axis. Its type and other dimensions must equal those of one item's tensor.
    /// </summary>
    public static bool HasSlices(Tensor joined, int axis, int items, Tensor single)
    {
        if (joined.Type != single.Type || joined.Shape.Rank != single.Shape.Rank || axis >= single.Shape.Rank)
            return false;
        var dimensions = single.Shape.Dimensions.ToArray();
        (var isOne, dimensions[axis]) = (dimensions[axis] == 1, items);
        return isOne && joined.Shape.Dimensions.SequenceEqual(dimensions);
    }

    /// <summary>
    /// Returns the largest difference between a slice of a joined tensor and the tensor of one item; zero when they are equal. Different
    /// integers differ by at least 1. Elements that are NaN or infinite in the single item are not compared. One reason is that, in
    /// kernels, the maximum of a vector with NaN depends on the position of the NaN.
    /// </summary>
    /// <param name="joined">A tensor whose slices have the type and shape of <paramref name="alone"/>: see <see cref="HasSlices"/>.</param>
    public static double Difference(Tensor joined, int axis, int index, Tensor alone) => alone.Type switch
    {
        ElementType.Float32 => LargestDifference<float>(joined, axis, index, alone, value => value),
        ElementType.Float64 => LargestDifference<double>(joined, axis, index, alone, value => value),
        ElementType.Float16 => LargestDifference<Half>(joined, axis, index, alone, value => (double)value),
        ElementType.BFloat16 => LargestDifference<ushort>(joined, axis, index, alone, value => BFloat16.Widen(value)),
        ElementType.Bool or ElementType.UInt8 => LargestDifference<byte>(joined, axis, index, alone, value => value),
        ElementType.Int8 => LargestDifference<sbyte>(joined, axis, index, alone, value => value),
        ElementType.UInt16 => LargestDifference<ushort>(joined, axis, index, alone, value => value),
        ElementType.Int16 => LargestDifference<short>(joined, axis, index, alone, value => value),
        ElementType.UInt32 => LargestDifference<uint>(joined, axis, index, alone, value => value),
        ElementType.Int32 => LargestDifference<int>(joined, axis, index, alone, value => value),
        ElementType.UInt64 => LargestDifference<ulong>(joined, axis, index, alone, value => value),
        ElementType.Int64 => LargestDifference<long>(joined, axis, index, alone, value => value),
        ElementType.Bytes => AreEqualTexts(joined, axis, index, alone) ? 0 : Incomparable,
    };

    private static double LargestDifference<T>(Tensor joined, int axis, int index, Tensor single, Func<T, double> toNumber)
        where T : unmanaged, IEquatable<T>
    {
        var slices = joined.Values<T>();
        var alone = single.Values<T>();
        var (sliceLength, items) = ((int)CountElements(single.Shape.Dimensions[(axis + 1)..]), (int)joined.Shape[axis]);
        var largest = 0.0;
        for (var start = 0; start < alone.Length; start += sliceLength)
        {
            var left = slices.Slice((start * items) + (index * sliceLength), sliceLength);
            var right = alone.Slice(start, sliceLength);
            for (var i = 0; i < sliceLength; i++)
            {
                if (!left[i].Equals(right[i]))
                    largest = Math.Max(largest, Distance(toNumber(left[i]), toNumber(right[i]), isInteger: !single.Type.IsFloat()));
            }
        }

        return largest;
    }

    /// <param name="value">The value of the item in a larger run.</param>
    /// <param name="alone">The value of the item alone.</param>
    private static double Distance(double value, double alone, bool isInteger)
    {
        if (isInteger)
            return Math.Max(1, Math.Abs(value - alone));
        return !double.IsFinite(alone) ? 0 : double.IsFinite(value) ? Math.Abs(value - alone) : Incomparable;
    }

    private static bool AreEqualTexts(Tensor joined, int axis, int index, Tensor single)
    {
        var (slices, alone) = (ToList(joined), ToList(single));
        var (sliceLength, items) = ((int)CountElements(single.Shape.Dimensions[(axis + 1)..]), (int)joined.Shape[axis]);
        for (var i = 0; i < alone.Count; i++)
        {
            var (outer, inner) = Math.DivRem(i, sliceLength);
            if (!slices[(((outer * items) + index) * sliceLength) + inner].AsSpan().SequenceEqual(alone[i]))
                return false;
        }

        return true;
    }

    private static List<byte[]> ToList(Tensor tensor)
    {
        var elements = new List<byte[]>();
        foreach (var element in new PackedBytes(tensor.Data.Span))
            elements.Add(element.ToArray());
        return elements;
    }

    private static long CountElements(ReadOnlySpan<long> dimensions)
    {
        Shape.TryCount(dimensions, out var elements);
        return elements;
    }
}
