using System.Globalization;

namespace Inference.Onnx.Proof;

/// <summary>
/// An integer of a run, such as a size, in symbolic form. The form is a product of a constant, symbols, and possibly the number of items in
/// the run. An example is <c>2*items*s3</c>, in the notation of <see cref="ToString"/>. A symbol, such as <c>s3</c>, stands for an unknown
/// integer. A symbol has the same value in all runs that differ only in the number of items.
/// </summary>
internal readonly struct Extent : IEquatable<Extent>
{
    private readonly int[]? _symbols;

    private Extent(long factor, int[] symbols, bool hasItems) => (Factor, _symbols, HasItems) = (factor, symbols, hasItems);

    public static Extent One { get; } = FromConstant(1);

    /// <summary>The number of items.</summary>
    public static Extent Items { get; } = new(1, [], hasItems: true);

    /// <summary>The constant factor.</summary>
    public long Factor { get; }

    /// <summary>Whether the number of items is a factor.</summary>
    public bool HasItems { get; }

    /// <summary>The symbols in ascending order. A symbol that is a factor several times is repeated.</summary>
    public ReadOnlySpan<int> Symbols => _symbols;

    /// <summary>Whether the value is known, because it has neither symbols nor the number of items as factors.</summary>
    public bool IsConstant => Symbols.IsEmpty && !HasItems;

    public bool IsOne => IsConstant && Factor == 1;

    /// <summary>Creates a constant.</summary>
    public static Extent FromConstant(long value) => new(value, [], hasItems: false);

    /// <summary>Creates an extent that equals a symbol of a <see cref="SymbolTable"/>.</summary>
    public static Extent FromSymbol(int symbol) => new(1, [symbol], hasItems: false);

    /// <summary>Returns the product; null when its constant is too large, or when both factors contain the number of items.</summary>
    public static Extent? Product(Extent left, Extent right)
    {
        if (left.HasItems && right.HasItems)
            return null;
        var factor = (Int128)left.Factor * right.Factor;
        if (factor > long.MaxValue || factor < long.MinValue)
            return null;
        int[] symbols = factor == 0 ? [] : [.. left.Symbols, .. right.Symbols];
        Array.Sort(symbols);
        return new Extent((long)factor, symbols, factor != 0 && (left.HasItems || right.HasItems));
    }

    /// <inheritdoc cref="Product(Extent, Extent)"/>
    public static Extent? Product(ReadOnlySpan<Extent> extents)
    {
        Extent? product = One;
        foreach (var extent in extents)
        {
            if (product is { } current)
                product = Product(current, extent);
        }

        return product;
    }

    /// <summary>Divides this extent by one of its factors; returns null when the divisor is zero or is not known to be a factor.</summary>
    public Extent? DivideBy(Extent divisor)
    {
        if (divisor.Factor == 0 || Factor % divisor.Factor != 0 || (divisor.HasItems && !HasItems))
            return null;
        var remaining = new List<int>(_symbols ?? []);
        foreach (var symbol in divisor.Symbols)
        {
            if (!remaining.Remove(symbol))
                return null;
        }

        return new Extent(Factor / divisor.Factor, [.. remaining], HasItems && !divisor.HasItems);
    }

    public bool Equals(Extent other) => Factor == other.Factor && HasItems == other.HasItems && Symbols.SequenceEqual(other.Symbols);

    public override bool Equals(object? obj) => obj is Extent other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Factor, HasItems, Symbols.Length);

    public static bool operator ==(Extent left, Extent right) => left.Equals(right);

    public static bool operator !=(Extent left, Extent right) => !left.Equals(right);

    public override string ToString()
    {
        var parts = new List<string>();
        if (Factor != 1 || (Symbols.IsEmpty && !HasItems))
            parts.Add(Factor.ToString(CultureInfo.InvariantCulture));
        if (HasItems)
            parts.Add("items");
        foreach (var symbol in Symbols)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"s{symbol}"));
        return string.Join('*', parts);
    }
}
