namespace Inference.Text;

/// <summary>A range of a text.</summary>
/// <param name="Start">The start, in UTF-16 code units.</param>
/// <param name="End">The end, exclusive.</param>
public readonly record struct TextRange(int Start, int End);

/// <summary>
/// The tokens of a text, or of a pair of texts. Each property that is a list has one entry per token, but <see cref="Offsets"/> can be
/// empty.
/// </summary>
public sealed class EncodedText
{
    private readonly int[] _ids;
    private readonly byte[] _typeIds;
    private readonly bool[] _specialFlags;
    private readonly TextRange[]? _offsets;

    internal EncodedText(EncodedTokens tokens)
    {
        (_ids, _typeIds, _specialFlags) = ([.. tokens.Ids], [.. tokens.TypeIds], [.. tokens.SpecialFlags]);
        _offsets = tokens.Offsets?.ToArray();
    }

    /// <summary>The number of tokens.</summary>
    public int Length => _ids.Length;

    /// <summary>The ids of the tokens.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>
    /// The segments of the tokens. For most tokenizers, the first text and its special tokens have segment 0, and the second text has
    /// segment 1.
    /// </summary>
    public ReadOnlySpan<byte> TypeIds => _typeIds;

    /// <summary>For each token, whether the post-processor added it. Special tokens in the text itself have the value false.</summary>
    public ReadOnlySpan<bool> SpecialTokensMask => _specialFlags;

    /// <summary>
    /// The ranges of the tokens in their texts. Empty unless <see cref="EncodeOptions.HasOffsets"/> is set. The range of a special token is
    /// 0 to 0.
    /// </summary>
    public ReadOnlySpan<TextRange> Offsets => _offsets;
}
