namespace Inference.Tensors;

/// <summary>Compares tensors by the values of their elements, as numpy.allclose does.</summary>
public static class TensorComparison
{
    /// <summary>
    /// Whether two tensors have the same type and shape, and the same elements: floating-point elements within
    /// <c>|a - b| &lt;= absolute + relative |b|</c>, b being the reference, with NaN like NaN; all other elements exactly.
    /// </summary>
    /// <param name="tensor">The tensor with the elements a.</param>
    /// <param name="reference">The tensor with the elements b.</param>
    /// <param name="absolute">The difference that is allowed for every element.</param>
    /// <param name="relative">The difference that is allowed in proportion to the reference's element.</param>
    /// <param name="largest">The largest finite difference between floating-point elements.</param>
    public static bool AreClose(Tensor tensor, Tensor reference, double absolute, double relative, out double largest)
    {
        largest = 0;
        if (tensor.Type != reference.Type || tensor.Shape != reference.Shape)
            return false;
        // Tensors that agree mostly agree to the bit.
        if (tensor.Data.Span.SequenceEqual(reference.Data.Span))
            return true;
        return tensor.Type switch
        {
            ElementType.Float32 => Compare<float>(tensor, reference, absolute, relative, static value => value, ref largest),
            ElementType.Float64 => Compare<double>(tensor, reference, absolute, relative, static value => value, ref largest),
            ElementType.Float16 => Compare<Half>(tensor, reference, absolute, relative, static value => (double)value, ref largest),
            ElementType.BFloat16 => Compare<ushort>(
                tensor, reference, absolute, relative, static value => BitConverter.UInt32BitsToSingle((uint)value << 16), ref largest),
            _ => false,
        };
    }

    private static bool Compare<T>(
        Tensor tensor, Tensor reference, double absolute, double relative, Func<T, double> widen, ref double largest)
        where T : unmanaged
    {
        var a = tensor.Values<T>();
        var b = reference.Values<T>();
        var areClose = true;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (widen(a[i]), widen(b[i]));
            if (x.Equals(y))
                continue;
            var difference = Math.Abs(x - y);
            areClose &= double.IsFinite(y) && difference <= absolute + (relative * Math.Abs(y));
            if (double.IsFinite(difference))
                largest = Math.Max(largest, difference);
        }

        return areClose;
    }
}
