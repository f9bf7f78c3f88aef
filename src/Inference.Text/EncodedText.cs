namespace Inference.Text;

/// <summary>A range of a text.</summary>
/// <param name="Start">The start, in the unit of <see cref="EncodeOptions.Offsets"/>.</param>
/// <param name="End">The end, exclusive.</param>
public readonly record struct TextRange(int Start, int End);

/// <summary>The tokens of a text, or of a pair of texts. All lists have one entry per token.</summary>
public sealed class EncodedText
{
    /// <summary>The value in <see cref="WordIds"/> for tokens that belong to no word.</summary>
    public const int NoWord = -1;

    private readonly int[] _ids;
    private readonly byte[] _typeIds;
    private readonly bool[] _special;
    private readonly int[] _words;
    private readonly sbyte[] _sequences;
    private readonly TextRange[]? _offsets;
    private readonly bool[] _attention;

    internal EncodedText(EncodedParts parts)
    {
        (_ids, _typeIds, _special) = ([.. parts.Ids], [.. parts.TypeIds], [.. parts.SpecialFlags]);
        (_words, _sequences, _offsets) = ([.. parts.Words], [.. parts.Sequences], parts.Offsets is { } offsets ? [.. offsets] : null);
        _attention = new bool[_ids.Length];
        Array.Fill(_attention, true);
    }

    private EncodedText(EncodedText text, int length, Padding padding)
    {
        _ids = Fill(text._ids, padding.Id);
        _typeIds = Fill(text._typeIds, (byte)padding.TypeId);
        _special = Fill(text._special, true);
        _words = Fill(text._words, NoWord);
        _sequences = Fill(text._sequences, (sbyte)-1);
        _offsets = text._offsets is { } offsets ? Fill(offsets, default) : null;
        _attention = Fill(text._attention, false);

        T[] Fill<T>(T[] values, T filler)
        {
            var filled = new T[length];
            Array.Fill(filled, filler);
            values.CopyTo(filled, padding.Side == TextSide.Left ? length - values.Length : 0);
            return filled;
        }
    }

    /// <summary>The number of tokens.</summary>
    public int Length => _ids.Length;

    /// <summary>The ids of the tokens.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>
    /// The segments of the tokens. For most tokenizers, the first text and its special tokens have segment 0, and the second text has 1.
    /// </summary>
    public ReadOnlySpan<byte> TypeIds => _typeIds;

    /// <summary>Whether the post-processor added the token. The value is false for special tokens in the text itself.</summary>
    public ReadOnlySpan<bool> SpecialTokens => _special;

    /// <summary>The number of the token's word in its text, by the pre-tokenizer; <see cref="NoWord"/> for special tokens.</summary>
    public ReadOnlySpan<int> WordIds => _words;

    /// <summary>0 for tokens of the first text, 1 for those of the second, -1 for special tokens.</summary>
    public ReadOnlySpan<sbyte> SequenceIds => _sequences;

    /// <summary>
    /// The ranges of the tokens in their texts, in the unit of <see cref="EncodeOptions.Offsets"/>. Empty when no offsets are requested.
    /// The range of a special token is 0 to 0.
    /// </summary>
    public ReadOnlySpan<TextRange> Offsets => _offsets;

    /// <summary>False for padding, true for all other tokens.</summary>
    public ReadOnlySpan<bool> Attention => _attention;

    /// <summary>Pads the tokens to a length. Nothing is added to a text that has this length or more.</summary>
    /// <param name="length">See <see cref="Padding.LengthFor"/>.</param>
    public EncodedText PadTo(int length, Padding padding) => length <= Length ? this : new EncodedText(this, length, padding);
}
