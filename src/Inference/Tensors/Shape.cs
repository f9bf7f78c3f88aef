using System.Globalization;
using System.Text;

namespace Inference.Tensors;

/// <summary>
/// The dimensions of a tensor, outermost first. Rank 0 is a scalar. A signature may have <see cref="Dynamic"/> dimensions; a tensor has
/// none.
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>A dynamic dimension, which may have any size. The protocols use the same number.</summary>
    public const long Dynamic = -1;

    /// <summary>
    /// The maximum number of dimensions of a tensor that a caller, a settings file or another server may name. ONNX Runtime's kernels
    /// accept fewer dimensions.
    /// </summary>
    public const int MaxRank = 16;

    private readonly long[]? _dimensions;

    /// <summary>Creates a shape with a copy of the dimensions.</summary>
    public Shape(params ReadOnlySpan<long> dimensions) => _dimensions = dimensions.ToArray();

    public ReadOnlySpan<long> Dimensions => _dimensions;

    /// <summary>The number of dimensions.</summary>
    public int Rank => Dimensions.Length;

    public long this[int axis] => Dimensions[axis];

    /// <summary>Counts the elements. Returns false when a dimension is dynamic or negative, or when the product overflows.</summary>
    public bool TryCount(out long elements) => TryCount(Dimensions, out elements);

    /// <summary>Counts the elements of some dimensions, without creating a shape.</summary>
    public static bool TryCount(ReadOnlySpan<long> dimensions, out long elements)
    {
        elements = 1;
        foreach (var dimension in dimensions)
        {
            if (dimension < 0 || (dimension != 0 && elements > long.MaxValue / dimension))
                return false;
            elements *= dimension;
        }

        return true;
    }

    /// <summary>The number of elements of a shape without dynamic dimensions.</summary>
    /// <exception cref="InvalidOperationException">A dimension is dynamic or negative, or the product overflows.</exception>
    public long ElementCount =>
        TryCount(out var elements) ? elements : throw new InvalidOperationException($"{this} has no element count. This is a bug.");

    /// <summary>Returns the shape with a different size of the first dimension. The rank must be at least 1.</summary>
    public Shape WithFirst(long size) => With(0, size);

    /// <summary>Returns the shape with a different size of one dimension.</summary>
    public Shape With(int axis, long size)
    {
        var dimensions = Dimensions.ToArray();
        dimensions[axis] = size;
        return new Shape(dimensions);
    }

    /// <summary>The shape of one item: all dimensions except the first. The rank must be at least 1.</summary>
    public Shape WithoutFirst => new(Dimensions[1..]);

    public bool Equals(Shape other) => Dimensions.SequenceEqual(other.Dimensions);

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var dimension in Dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>Returns the shape as JSON writes it: <c>[2,64]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        foreach (var dimension in Dimensions)
        {
            if (text.Length > 1)
                text.Append(',');
            text.Append(dimension.ToString(CultureInfo.InvariantCulture));
        }

        return text.Append(']').ToString();
    }
}
