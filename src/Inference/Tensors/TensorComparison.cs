namespace Inference.Tensors;

/// <summary>Compares tensors by the values of their elements, as numpy.allclose does.</summary>
public static class TensorComparison
{
    /// <summary>
    /// Whether two tensors have the same type, shape and elements. Floating-point elements agree if
    /// <c>|a - b| &lt;= absolute + relative * |b|</c>. NaN equals NaN. Elements of other types must be equal.
    /// </summary>
    /// <param name="tensor">The tensor with the elements a.</param>
    /// <param name="reference">The tensor with the elements b.</param>
    /// <param name="absolute">The allowed difference for every element.</param>
    /// <param name="relative">The allowed difference in proportion to the reference's element.</param>
    /// <param name="largest">Receives the largest finite difference between floating-point elements.</param>
    public static bool AreClose(Tensor tensor, Tensor reference, double absolute, double relative, out double largest)
    {
        largest = 0;
        if (tensor.Type != reference.Type || tensor.Shape != reference.Shape)
            return false;
        // Most tensors that agree are equal in every bit.
        if (tensor.Data.Span.SequenceEqual(reference.Data.Span))
            return true;
        return tensor.Type switch
        {
            ElementType.Float32 => Compare<float>(tensor, reference, absolute, relative, static value => value, ref largest),
            ElementType.Float64 => Compare<double>(tensor, reference, absolute, relative, static value => value, ref largest),
            ElementType.Float16 => Compare<Half>(tensor, reference, absolute, relative, static value => (double)value, ref largest),
            ElementType.BFloat16 => Compare<ushort>(tensor, reference, absolute, relative, static x => BFloat16.Widen(x), ref largest),
            _ => false,
        };
    }

    /// <summary>
    /// Returns the largest finite magnitude in a floating-point tensor; null when it has elements, but no finite elements. Returns 0 for
    /// other types.
    /// </summary>
    public static double? GetMagnitude(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => GetMagnitude<float>(tensor, static value => value),
        ElementType.Float64 => GetMagnitude<double>(tensor, static value => value),
        ElementType.Float16 => GetMagnitude<Half>(tensor, static value => (double)value),
        ElementType.BFloat16 => GetMagnitude<ushort>(tensor, static value => BFloat16.Widen(value)),
        _ => 0,
    };

    private static double? GetMagnitude<T>(Tensor tensor, Func<T, double> widen)
        where T : unmanaged
    {
        double? largest = tensor.Data.IsEmpty ? 0 : null;
        foreach (var value in tensor.Values<T>())
        {
            if (Math.Abs(widen(value)) is var magnitude && double.IsFinite(magnitude))
                largest = Math.Max(largest ?? 0, magnitude);
        }

        return largest;
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
