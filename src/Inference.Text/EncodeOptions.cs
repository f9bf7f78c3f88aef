namespace Inference.Text;

/// <summary>The unit of <see cref="EncodedText.Offsets"/>.</summary>
public enum OffsetUnit
{
    /// <summary>There are no offsets, which is faster.</summary>
    None,

    /// <summary>Unicode code points, as in Python and in the answers of Hugging Face's servers.</summary>
    CodePoints,

    /// <summary>UTF-16 code units, as in JavaScript, C# and Java.</summary>
    Utf16,
}

/// <summary>The end at which a text is cut off or filled up.</summary>
public enum TextSide
{
    Right,
    Left,
}

/// <summary>Which text of a pair is cut off.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, and then both.</summary>
    LongestFirst,
    OnlyFirst,
    OnlySecond,
}

/// <summary>How tokens are cut off that are too many.</summary>
/// <param name="MaxLength">The most tokens, with special ones.</param>
/// <param name="Strategy">Which text of a pair is cut off.</param>
/// <param name="Side">The end at which tokens are dropped.</param>
public sealed record Truncation(
    int MaxLength, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, TextSide Side = TextSide.Right);

/// <summary>How shorter texts of a batch are filled up.</summary>
/// <param name="Id">The token that fills up.</param>
/// <param name="TypeId">Its segment.</param>
/// <param name="Side">The end at which it is put.</param>
/// <param name="FixedLength">The length of all texts; null for that of the longest one of the batch.</param>
/// <param name="MultipleOf">What the length is rounded up to a multiple of; 0 for any length.</param>
public sealed record Padding(int Id, int TypeId = 0, TextSide Side = TextSide.Right, int? FixedLength = null, int MultipleOf = 0)
{
    /// <summary>The length of all texts of a batch.</summary>
    /// <param name="longest">The tokens of the longest one.</param>
    public int LengthFor(int longest)
    {
        var length = FixedLength ?? longest;
        return MultipleOf > 0 && length % MultipleOf > 0 ? length + MultipleOf - (length % MultipleOf) : length;
    }
}

/// <summary>How a text becomes tokens.</summary>
public sealed record EncodeOptions
{
    public static readonly EncodeOptions Default = new();

    /// <summary>Whether the special tokens are put around the text that the tokenizer's post-processor names.</summary>
    /// <value>Default: true.</value>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>How too many tokens are cut off; null if they are not. The tokenizer's own is <see cref="Tokenizer.Truncation"/>.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>The unit of the offsets.</summary>
    /// <value>Default: none.</value>
    public OffsetUnit Offsets { get; init; }
}
