using Inference.Tensors;

namespace Inference.Shadow;

/// <summary>
/// Whether two versions say the same: outputs of the same names, types and shapes; floating-point elements within
/// <c>|a - b| &lt;= 1e-5 + 1e-3 |b|</c>, b being the answer, with NaN like NaN; whole numbers, booleans and texts equal.
/// </summary>
internal static class OutputComparison
{
    private const double Absolute = 1e-5;
    private const double Relative = 1e-3;

    /// <param name="largest">The largest finite difference between floating-point elements.</param>
    public static bool AreAlike(IReadOnlyList<NamedTensor> shadow, IReadOnlyList<NamedTensor> answer, out double largest)
    {
        largest = 0;
        var alike = shadow.Count == answer.Count;
        for (var i = 0; i < shadow.Count; i++)
            alike &= Find(answer, shadow[i].Name) is { } other && AreAlike(shadow[i].Tensor, other, ref largest);
        return alike;
    }

    private static Tensor? Find(IReadOnlyList<NamedTensor> outputs, string name)
    {
        foreach (var output in outputs)
        {
            if (output.Name == name)
                return output.Tensor;
        }

        return null;
    }

    private static bool AreAlike(Tensor shadow, Tensor answer, ref double largest)
    {
        if (shadow.Type != answer.Type || shadow.Shape != answer.Shape)
            return false;
        return shadow.Type switch
        {
            ElementType.Float32 => AreClose<float>(shadow, answer, static value => value, ref largest),
            ElementType.Float64 => AreClose<double>(shadow, answer, static value => value, ref largest),
            ElementType.Float16 => AreClose<Half>(shadow, answer, static value => (double)value, ref largest),
            ElementType.BFloat16 =>
                AreClose<ushort>(shadow, answer, static value => BitConverter.UInt32BitsToSingle((uint)value << 16), ref largest),
            _ => shadow.Data.Span.SequenceEqual(answer.Data.Span),
        };
    }

    private static bool AreClose<T>(Tensor shadow, Tensor answer, Func<T, double> widen, ref double largest)
        where T : unmanaged
    {
        // Versions that agree mostly agree to the bit.
        if (shadow.Data.Span.SequenceEqual(answer.Data.Span))
            return true;
        var a = shadow.Values<T>();
        var b = answer.Values<T>();
        var close = true;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (widen(a[i]), widen(b[i]));
            if (x.Equals(y))
                continue;
            var difference = Math.Abs(x - y);
            close &= double.IsFinite(y) && difference <= Absolute + (Relative * Math.Abs(y));
            if (double.IsFinite(difference))
                largest = Math.Max(largest, difference);
        }

        return close;
    }
}
