namespace Inference.Onnx.Proof;

/// <summary>The symbols of one proof. A symbol stands for an unknown integer. Equal descriptions have the same symbol.</summary>
internal sealed class SymbolTable
{
    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);

    /// <summary>Whether each symbol stands for a size, which is never negative.</summary>
    private readonly List<bool> _areSizes = [];

    /// <summary>Returns the symbol of a size, which is never negative.</summary>
    public Extent GetSize(string description) => GetOrAdd(description, isSize: true);

    /// <summary>Returns the symbol of any integer.</summary>
    public Extent GetValue(string description) => GetOrAdd(description, isSize: false);

    /// <summary>Whether the extent cannot be negative.</summary>
    public bool IsNonNegative(Extent extent)
    {
        foreach (var symbol in extent.Symbols)
        {
            if (!_areSizes[symbol])
                return false;
        }

        return extent.Factor >= 0;
    }

    private Extent GetOrAdd(string description, bool isSize)
    {
        if (!_symbols.TryGetValue(description, out var symbol))
        {
            _symbols[description] = symbol = _areSizes.Count;
            _areSizes.Add(isSize);
        }

        return Extent.FromSymbol(symbol);
    }
}
