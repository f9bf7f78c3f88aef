namespace Inference.Text;

/// <summary>The side at which a text is truncated.</summary>
public enum TextSide
{
    Right,
    Left,
}

/// <summary>Selects the text of a pair that is truncated.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer text is truncated. If this is not enough, each text gets half of the length.</summary>
    LongestFirst,
    OnlyFirst,
}

/// <summary>The settings of truncation.</summary>
/// <param name="MaxLength">The maximum number of tokens, including special tokens.</param>
/// <param name="Strategy">Selects the text of a pair that is truncated.</param>
/// <param name="Side">The side at which tokens are removed.</param>
public sealed record Truncation(
    int MaxLength, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, TextSide Side = TextSide.Right);

/// <summary>The options of one encoding.</summary>
public sealed record EncodeOptions
{
    /// <summary>The default options: special tokens, no truncation, no offsets.</summary>
    public static readonly EncodeOptions Default = new();

    /// <summary>Whether the post-processor adds its special tokens, such as [CLS] and [SEP].</summary>
    /// <value>Default: true.</value>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>The truncation; null for none.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>Whether to compute <see cref="EncodedText.Offsets"/>. Encoding is faster without them.</summary>
    /// <value>Default: false.</value>
    public bool HasOffsets { get; init; }
}
