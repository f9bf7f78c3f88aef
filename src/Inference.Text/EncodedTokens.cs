using Inference.Text.Unicode;

namespace Inference.Text;

/// <summary>
/// The tokens of one text, or of a pair that the post-processor has joined. All lists have one entry per token.
/// </summary>
internal sealed class EncodedTokens
{
    public List<int> Ids { get; } = [];

    /// <summary>The segments of the tokens; see <see cref="EncodedText.TypeIds"/>.</summary>
    public List<byte> TypeIds { get; } = [];

    /// <summary>For each token, whether the post-processor has added it.</summary>
    public List<bool> SpecialFlags { get; } = [];

    /// <summary>The ranges of the tokens in the original text; null when no offsets are requested.</summary>
    public List<TextRange>? Offsets { get; private init; }

    /// <summary>The numbers of whitespace characters at the start and end of each token; null when no offsets are requested.</summary>
    public List<(int Leading, int Trailing)>? WhitespaceCounts { get; private init; }

    public int Count => Ids.Count;

    /// <summary>Creates lists without tokens.</summary>
    public static EncodedTokens Create(bool hasOffsets) =>
        new() { Offsets = hasOffsets ? [] : null, WhitespaceCounts = hasOffsets ? [] : null };

    /// <summary>Copies the tokens of a text, and converts their ranges to ranges of the original text.</summary>
    /// <param name="text">The text as it was tokenized.</param>
    public static EncodedTokens FromTokens(TokenList tokens, WorkingText text, byte typeId, bool hasOffsets)
    {
        var encoded = Create(hasOffsets);
        foreach (var token in tokens.Tokens)
        {
            encoded.Add(token.Id, typeId, isSpecial: false);
            if (!hasOffsets)
                continue;
            encoded.Offsets!.Add(new TextRange(text.OriginStart(token.Start), text.OriginEnd(token.End)));
            encoded.WhitespaceCounts!.Add(CountWhitespace(text.Chars[token.Start..token.End]));
        }

        return encoded;
    }

    public EncodedTokens Copy()
    {
        var copy = Create(Offsets is not null);
        copy.Append(this);
        return copy;
    }

    /// <summary>Appends a special token, which has an empty range.</summary>
    public void AddSpecial(int id, int typeId)
    {
        Add(id, (byte)typeId, isSpecial: true);
        Offsets?.Add(default);
        WhitespaceCounts?.Add(default);
    }

    public void Append(EncodedTokens other)
    {
        Ids.AddRange(other.Ids);
        TypeIds.AddRange(other.TypeIds);
        SpecialFlags.AddRange(other.SpecialFlags);
        Offsets?.AddRange(other.Offsets!);
        WhitespaceCounts?.AddRange(other.WhitespaceCounts!);
    }

    /// <summary>Sets the segment of all tokens.</summary>
    public void SetTypeId(int typeId)
    {
        for (var index = 0; index < TypeIds.Count; index++)
            TypeIds[index] = (byte)typeId;
    }

    /// <summary>Removes tokens at one side until the length is reached.</summary>
    public void Truncate(int length, TextSide removedSide)
    {
        if (length >= Count)
            return;
        var (start, count) = (removedSide == TextSide.Right ? length : 0, Count - length);
        Ids.RemoveRange(start, count);
        TypeIds.RemoveRange(start, count);
        SpecialFlags.RemoveRange(start, count);
        Offsets?.RemoveRange(start, count);
        WhitespaceCounts?.RemoveRange(start, count);
    }

    private void Add(int id, byte typeId, bool isSpecial)
    {
        Ids.Add(id);
        TypeIds.Add(typeId);
        SpecialFlags.Add(isSpecial);
    }

    private static (int Leading, int Trailing) CountWhitespace(ReadOnlySpan<char> token)
    {
        var (leading, trailing) = (0, 0);
        while (leading < token.Length && IsWhitespace(token[leading]))
            leading++;
        while (trailing < token.Length && IsWhitespace(token[^(trailing + 1)]))
            trailing++;
        return (leading, trailing);
    }

    private static bool IsWhitespace(char character) => character == ByteCharacters.Space || CharacterClass.IsWhitespace(character);
}
