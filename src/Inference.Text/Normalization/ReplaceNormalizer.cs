using System.Text;
using Inference.Text.Patterns;

namespace Inference.Text.Normalization;

/// <summary>Replaces the matches of a pattern.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    private readonly Rune[] _content = [.. content.EnumerateRunes()];

    public override void Normalize(WorkingText text)
    {
        var matches = new List<Match>();
        text.Rewrite((this, matches), static (state, text, piece) => state.Item1.Replace(text, piece, state.matches));
    }

    private void Replace(WorkingText text, ReadOnlySpan<char> piece, List<Match> matches)
    {
        matches.Clear();
        pattern.Find(piece, matches);
        var lastEnd = 0;
        foreach (var (start, end) in matches)
        {
            text.Copy(start - lastEnd);
            // The replacement has the original range of the match's last character.
            text.DropUnits(end - start);
            foreach (var rune in _content)
                text.Insert(rune.Value);
            lastEnd = end;
        }

        text.Copy(piece.Length - lastEnd);
    }
}
