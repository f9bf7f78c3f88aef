using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>Matches \w+|[^\w\s]+, the pattern of the pre-tokenizer Whitespace.</summary>
internal sealed class WordPattern : TextPattern
{
    private enum Kind
    {
        Word,
        Other,
        Whitespace,
    }

    public override void Find(ReadOnlySpan<char> text, List<Match> matches)
    {
        var (start, lastKind) = (0, Kind.Whitespace);
        for (var index = 0; index < text.Length;)
        {
            var code = CharacterClass.CodePointAt(text, index, out var size);
            var kind = CharacterClass.IsWhitespace(code) ? Kind.Whitespace : CharacterClass.IsWord(code) ? Kind.Word : Kind.Other;
            if (kind != lastKind)
            {
                Add(matches, start, index, lastKind);
                (start, lastKind) = (index, kind);
            }

            index += size;
        }

        Add(matches, start, text.Length, lastKind);
    }

    private static void Add(List<Match> matches, int start, int end, Kind kind)
    {
        if (kind != Kind.Whitespace && end > start)
            matches.Add(new Match(start, end));
    }
}
