namespace Inference.Text;

/// <summary>The unit of <see cref="EncodedText.Offsets"/>.</summary>
public enum OffsetUnit
{
    /// <summary>No offsets. Encoding is faster without them.</summary>
    None,

    /// <summary>Unicode code points, as in Python and in the responses of Hugging Face's servers.</summary>
    CodePoints,

    /// <summary>UTF-16 code units, as in JavaScript, C# and Java.</summary>
    Utf16,
}

/// <summary>The side at which a text is truncated or padded.</summary>
public enum TextSide
{
    Right,
    Left,
}

/// <summary>The choice of the text that is truncated in a pair.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer text is truncated. If this is not enough, each text gets half of the length.</summary>
    LongestFirst,
    OnlyFirst,
    OnlySecond,
}

/// <summary>The settings of truncation.</summary>
/// <param name="MaxLength">The maximum number of tokens, including special tokens.</param>
/// <param name="Strategy">The choice of the text that is truncated in a pair.</param>
/// <param name="Side">The side at which tokens are removed.</param>
public sealed record Truncation(
    int MaxLength, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, TextSide Side = TextSide.Right);

/// <summary>The settings of padding, which makes the texts of a batch equally long.</summary>
/// <param name="Id">The id of the padding token.</param>
/// <param name="TypeId">The type id of the padding token.</param>
/// <param name="Side">The side at which padding is added.</param>
/// <param name="FixedLength">The length of all texts; null for the length of the longest text of the batch.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this number; 0 for no rounding.</param>
public sealed record Padding(int Id, int TypeId = 0, TextSide Side = TextSide.Right, int? FixedLength = null, int MultipleOf = 0)
{
    /// <summary>Returns the length of all texts of a batch, in tokens.</summary>
    /// <param name="longest">The number of tokens of the longest text.</param>
    public int LengthFor(int longest)
    {
        var length = FixedLength ?? longest;
        return MultipleOf > 0 && length % MultipleOf > 0 ? length + MultipleOf - (length % MultipleOf) : length;
    }
}

/// <summary>The options of one encoding.</summary>
public sealed record EncodeOptions
{
    /// <summary>The default options: special tokens, no truncation, no offsets.</summary>
    public static readonly EncodeOptions Default = new();

    /// <summary>Whether the post-processor adds its special tokens, such as [CLS] and [SEP].</summary>
    /// <value>Default: true.</value>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>The truncation; null for none. The truncation in the tokenizer's file is <see cref="Tokenizer.Truncation"/>.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>The unit of the offsets.</summary>
    /// <value>Default: none.</value>
    public OffsetUnit Offsets { get; init; }
}
