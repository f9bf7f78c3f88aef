namespace Inference.Text;

/// <summary>A part of a text.</summary>
/// <param name="Start">Where it begins, in the unit that was asked for.</param>
/// <param name="End">Where it ends, exclusive.</param>
public readonly record struct TextRange(int Start, int End);

/// <summary>The tokens of a text, or of a pair of texts. All lists have one entry for each token.</summary>
public sealed class EncodedText
{
    /// <summary>The entry of <see cref="WordIds"/> of tokens that belong to no word.</summary>
    public const int NoWord = -1;

    private readonly int[] _ids;
    private readonly byte[] _typeIds;
    private readonly bool[] _special;
    private readonly int[] _words;
    private readonly sbyte[] _sequences;
    private readonly TextRange[]? _offsets;

    internal EncodedText(EncodedParts parts)
    {
        (_ids, _typeIds, _special) = ([.. parts.Ids], [.. parts.TypeIds], [.. parts.Special]);
        (_words, _sequences, _offsets) = ([.. parts.Words], [.. parts.Sequences], parts.Offsets is { } offsets ? [.. offsets] : null);
    }

    public int Length => _ids.Length;

    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>The segments: for most tokenizers 0 for the first text and its special tokens, and 1 for the second.</summary>
    public ReadOnlySpan<byte> TypeIds => _typeIds;

    /// <summary>Whether the tokenizer put the token there. Special tokens that stand in the text are not counted.</summary>
    public ReadOnlySpan<bool> SpecialTokens => _special;

    /// <summary>The number of the token's word in its text, as the pre-tokenizer cut it; <see cref="NoWord"/> for special tokens.</summary>
    public ReadOnlySpan<int> WordIds => _words;

    /// <summary>0 for tokens of the first text, 1 for those of the second, -1 for special tokens.</summary>
    public ReadOnlySpan<sbyte> SequenceIds => _sequences;

    /// <summary>
    /// The ranges of the tokens in their texts, as <see cref="EncodeOptions.Offsets"/> says; empty without. Special tokens have 0 and 0.
    /// </summary>
    public ReadOnlySpan<TextRange> Offsets => _offsets;
}
