using System.Globalization;
using System.Runtime.InteropServices;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Compares two results of the same items. The shapes must be equal. The elements are compared by their type:
/// <list type="bullet">
/// <item>Floating-point elements a and b agree if <c>|a - b| &lt;= t * max(|a|, |b|) + t / 10 * m</c>. Here t is the tolerance of the type,
/// and m is the largest magnitude in the output. The first term allows for another order of summation, the second for large terms that
/// cancel out. NaN equals NaN.</item>
/// <item>Integers may differ by 1, which is the last bit of a quantized output.</item>
/// <item>Strings and booleans must be equal.</item>
/// </list>
/// Integers, strings and booleans can be labels, such as the class with the highest score. If two scores are almost equal, their last bits
/// decide between two labels. An output of these types therefore still agrees if at most one element in a hundred differs. For example,
/// pixels at the border between two segments may change their label. Any further element may differ only if its item has a tie. An item has
/// a tie if its two highest scores in some floating-point output are equal within the tolerance.
/// </summary>
internal static class AuditComparison
{
    /// <summary>The share of the elements of an output that may differ, if the elements can be labels.</summary>
    private const double LabelShare = 0.01;

    /// <summary>
    /// The minimum magnitude that is assumed for an output. An output that is zero except for rounding errors has no magnitude of its own.
    /// </summary>
    private const double MinMagnitude = 1e-2;

    /// <summary>The factor 1/10 in the term <c>t / 10 * m</c>.</summary>
    private const double MagnitudeFactor = 0.1;

    /// <summary>
    /// The minimum magnitude that is assumed for the highest score of an item. Scores near zero differ by rounding errors alone.
    /// </summary>
    private const double MinScore = 0.1;

    /// <returns>The first difference; null when the results agree.</returns>
    public static OutputDifference? Find(Tensor[] left, Tensor[] right)
    {
        for (var output = 0; output < left.Length; output++)
        {
            if (Find(left, right, output) is { } difference)
                return difference;
        }

        return null;
    }

    private static OutputDifference? Find(Tensor[] left, Tensor[] right, int output)
    {
        var (a, b) = (left[output], right[output]);
        if (a.Type != b.Type || a.Shape != b.Shape)
            return new OutputDifference(output, null, a.Shape.ToString(), b.Shape.ToString());
        // The comparison of bytes is fast, and most results are equal in every bit.
        if (a.Data.Span.SequenceEqual(b.Data.Span))
            return null;
        return a.Type == ElementType.Bytes ? FindText(left, right, output)
            : GetTolerance(a.Type) > 0 ? FindNumber(a, b, output)
            : FindLabel(left, right, output);
    }

    private static OutputDifference? FindNumber(Tensor a, Tensor b, int output)
    {
        var tolerance = GetTolerance(a.Type);
        var magnitude = Math.Max(TensorComparison.GetMagnitude(a) ?? 0, TensorComparison.GetMagnitude(b) ?? 0);
        var absolute = tolerance * MagnitudeFactor * Math.Max(MinMagnitude, magnitude);
        for (var i = 0L; i < a.Shape.ElementCount; i++)
        {
            var (x, y) = (ReadFloatingPoint(a, i), ReadFloatingPoint(b, i));
            var allowed = absolute + (tolerance * Math.Max(Math.Abs(x), Math.Abs(y)));
            if (!x.Equals(y) && !(double.IsFinite(allowed) && Math.Abs(x - y) <= allowed))
                return new OutputDifference(output, GetIndices(a.Shape, i), Format(x), Format(y));
        }

        return null;

        string Format(double value) =>
            a.Type == ElementType.Float64
                ? value.ToString(CultureInfo.InvariantCulture)
                : ((float)value).ToString(CultureInfo.InvariantCulture);
    }

    private static OutputDifference? FindLabel(Tensor[] left, Tensor[] right, int output)
    {
        var (a, b) = (left[output], right[output]);
        var labels = new LabelCount(left, a.Shape);
        for (var i = 0L; i < a.Shape.ElementCount; i++)
        {
            var (x, y) = (ReadInteger(a, i), ReadInteger(b, i));
            if (Int128.Abs(x - y) > (a.Type == ElementType.Bool ? 0 : 1) && !labels.AllowsDifference(i))
            {
                return new OutputDifference(
                    output, GetIndices(a.Shape, i), x.ToString(CultureInfo.InvariantCulture), y.ToString(CultureInfo.InvariantCulture));
            }
        }

        return null;
    }

    private static OutputDifference? FindText(Tensor[] left, Tensor[] right, int output)
    {
        var labels = new LabelCount(left, left[output].Shape);
        var a = new PackedBytes(left[output].Data.Span);
        var b = new PackedBytes(right[output].Data.Span);
        for (var i = 0L; a.MoveNext() && b.MoveNext(); i++)
        {
            if (!a.Current.SequenceEqual(b.Current) && !labels.AllowsDifference(i))
                return new OutputDifference(output, GetIndices(left[output].Shape, i), Format(a.Current), Format(b.Current));
        }

        return null;

        // People other than the caller read the description of a difference, so the description contains only the length of a text.
        static string Format(ReadOnlySpan<byte> value) => $"a string of {Counted.Text(value.Length, "byte")}";
    }

    /// <summary>Returns the tolerance of an element relative to its value; 0 for types other than floating-point.</summary>
    private static double GetTolerance(ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Float64 => 1e-4,
        ElementType.Float16 => 1e-2,
        ElementType.BFloat16 => 5e-2,
        _ => 0,
    };

    private static double ReadFloatingPoint(Tensor tensor, long index) => tensor.Type switch
    {
        ElementType.Float64 => Read<double>(tensor, index),
        ElementType.Float16 => (double)Read<Half>(tensor, index),
        ElementType.BFloat16 => BFloat16.Widen(Read<ushort>(tensor, index)),
        _ => Read<float>(tensor, index),
    };

    private static Int128 ReadInteger(Tensor tensor, long index) => tensor.Type switch
    {
        ElementType.UInt64 => Read<ulong>(tensor, index),
        ElementType.Int64 => Read<long>(tensor, index),
        ElementType.UInt32 => Read<uint>(tensor, index),
        ElementType.Int32 => Read<int>(tensor, index),
        ElementType.UInt16 => Read<ushort>(tensor, index),
        ElementType.Int16 => Read<short>(tensor, index),
        ElementType.Int8 => Read<sbyte>(tensor, index),
        _ => Read<byte>(tensor, index),
    };

    private static T Read<T>(Tensor tensor, long index)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Data.Span)[(int)index];

    /// <summary>Returns the index of an element along each axis, given its index in the data.</summary>
    private static Shape GetIndices(Shape shape, long index)
    {
        var indices = new long[shape.Rank];
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
            (index, indices[axis]) = Math.DivRem(index, shape[axis]);
        return new Shape(indices);
    }

    /// <summary>Counts the labels that differ in one output.</summary>
    /// <param name="result">All outputs of the result. The floating-point outputs are the scores.</param>
    /// <param name="shape">The shape of the output with the labels.</param>
    private sealed class LabelCount(Tensor[] result, Shape shape)
    {
        private long _differenceCount;

        /// <summary>Whether the label at this index may differ. Each call counts one difference.</summary>
        public bool AllowsDifference(long index) =>
            ++_differenceCount <= LabelShare * shape.ElementCount || (shape.Rank > 0 && IsTie(index / shape.WithoutFirst.ElementCount));

        private bool IsTie(long item)
        {
            foreach (var scores in result)
            {
                if (GetTolerance(scores.Type) > 0 && scores.Shape.Rank > 1 && scores.Shape[0] == shape[0] && IsTie(scores, item))
                    return true;
            }

            return false;
        }

        private static bool IsTie(Tensor scores, long item)
        {
            var (first, second) = (double.NegativeInfinity, double.NegativeInfinity);
            var count = scores.Shape.WithoutFirst.ElementCount;
            for (var i = item * count; i < (item + 1) * count; i++)
            {
                var score = ReadFloatingPoint(scores, i);
                if (score > first)
                    (first, second) = (score, first);
                else if (score > second)
                    second = score;
            }

            return first - second <= GetTolerance(scores.Type) * Math.Max(Math.Abs(first), MinScore);
        }
    }
}
