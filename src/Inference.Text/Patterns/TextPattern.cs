namespace Inference.Text.Patterns;

/// <summary>A range of a text.</summary>
/// <param name="End">The exclusive end.</param>
internal readonly record struct Match(int Start, int End);

/// <summary>Finds the parts of a text that a step replaces or splits at.</summary>
internal abstract class TextPattern
{
    /// <summary>Adds the matches in a text, in order and without overlaps.</summary>
    /// <exception cref="TimeoutException">Matching the text takes too long.</exception>
    public abstract void Find(ReadOnlySpan<char> text, List<Match> matches);
}

/// <summary>Matches a literal text.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<Match> matches)
    {
        for (var start = 0; text[start..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var found;)
        {
            start += found;
            matches.Add(new Match(start, start + literal.Length));
            start += literal.Length;
        }
    }
}

/// <summary>Matches each single character that satisfies a condition.</summary>
internal sealed class CharacterPattern(Func<int, bool> isMatch) : TextPattern
{
    public override void Find(ReadOnlySpan<char> text, List<Match> matches)
    {
        for (var index = 0; index < text.Length;)
        {
            var code = Unicode.CharacterClass.CodePointAt(text, index, out var size);
            if (isMatch(code))
                matches.Add(new Match(index, index + size));
            index += size;
        }
    }
}
