using Inference.Text.Unicode;

namespace Inference.Text;

/// <summary>The tokens of one text, or the special tokens between texts, before they are joined.</summary>
internal sealed class EncodedParts
{
    /// <summary>The entry in <see cref="Sequences"/> for special tokens.</summary>
    private const sbyte NoSequence = -1;

    public List<int> Ids { get; } = [];

    /// <summary>The segments of the tokens; see <see cref="EncodedText.TypeIds"/>.</summary>
    public List<byte> TypeIds { get; } = [];

    /// <summary>Whether the post-processor has added the token.</summary>
    public List<bool> SpecialFlags { get; } = [];

    /// <summary>The index of each token's word in its text; <see cref="EncodedText.NoWord"/> for special tokens.</summary>
    public List<int> Words { get; } = [];

    /// <summary>0 for tokens of the first text, 1 for tokens of the second text; -1 for special tokens.</summary>
    public List<sbyte> Sequences { get; } = [];

    /// <summary>The ranges of the tokens in the original text; null when no offsets are requested.</summary>
    public List<TextRange>? Offsets { get; private init; }

    /// <summary>
    /// The number of white space characters at the start and end of each token; null when no offsets are requested.
    /// </summary>
    public List<(int Leading, int Trailing)>? BlankCounts { get; private init; }

    public int Count => Ids.Count;

    /// <summary>Creates an empty list of tokens.</summary>
    public static EncodedParts Create(bool hasOffsets) => new() { Offsets = hasOffsets ? [] : null, BlankCounts = hasOffsets ? [] : null };

    /// <summary>Creates the tokens of a text.</summary>
    /// <param name="text">The text as it was tokenized.</param>
    /// <param name="map">The offsets by the UTF-16 code units of the original text; null when they are equal.</param>
    public static EncodedParts FromTokens(TokenList tokens, WorkingText text, int sequence, bool hasOffsets, int[]? map)
    {
        var parts = Create(hasOffsets);
        foreach (var token in tokens.Tokens)
        {
            parts.Add(token.Id, (byte)sequence, isSpecial: false, token.Word, (sbyte)sequence);
            if (!hasOffsets)
                continue;
            var (start, end) = (text.OriginStart(token.Start), text.OriginEnd(token.End));
            parts.Offsets!.Add(map is null ? new TextRange(start, end) : new TextRange(map[start], map[end]));
            parts.BlankCounts!.Add(CountBlanks(text.Chars[token.Start..token.End]));
        }

        return parts;
    }

    public EncodedParts Copy()
    {
        var copy = Create(Offsets is not null);
        copy.Append(this);
        return copy;
    }

    /// <summary>Appends a special token, which has no word and an empty range.</summary>
    public void AddSpecial(int id, int typeId)
    {
        Add(id, (byte)typeId, isSpecial: true, EncodedText.NoWord, NoSequence);
        Offsets?.Add(default);
        BlankCounts?.Add(default);
    }

    public void Append(EncodedParts other)
    {
        Ids.AddRange(other.Ids);
        TypeIds.AddRange(other.TypeIds);
        SpecialFlags.AddRange(other.SpecialFlags);
        Words.AddRange(other.Words);
        Sequences.AddRange(other.Sequences);
        Offsets?.AddRange(other.Offsets!);
        BlankCounts?.AddRange(other.BlankCounts!);
    }

    /// <summary>Sets the segment of all tokens.</summary>
    public void SetTypeId(int typeId)
    {
        for (var index = 0; index < TypeIds.Count; index++)
            TypeIds[index] = (byte)typeId;
    }

    /// <summary>Removes tokens until the length is reached.</summary>
    public void Truncate(int length, TextSide side)
    {
        if (length >= Count)
            return;
        var (start, count) = (side == TextSide.Right ? length : 0, Count - length);
        Ids.RemoveRange(start, count);
        TypeIds.RemoveRange(start, count);
        SpecialFlags.RemoveRange(start, count);
        Words.RemoveRange(start, count);
        Sequences.RemoveRange(start, count);
        Offsets?.RemoveRange(start, count);
        BlankCounts?.RemoveRange(start, count);
    }

    private void Add(int id, byte typeId, bool isSpecial, int word, sbyte sequence)
    {
        Ids.Add(id);
        TypeIds.Add(typeId);
        SpecialFlags.Add(isSpecial);
        Words.Add(word);
        Sequences.Add(sequence);
    }

    private static (int Leading, int Trailing) CountBlanks(ReadOnlySpan<char> token)
    {
        var (leading, trailing) = (0, 0);
        while (leading < token.Length && IsBlank(token[leading]))
            leading++;
        while (trailing < token.Length && IsBlank(token[^(trailing + 1)]))
            trailing++;
        return (leading, trailing);
    }

    private static bool IsBlank(char letter) => letter == ByteLetters.Blank || CharacterClass.IsWhitespace(letter);
}
