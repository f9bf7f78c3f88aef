using System.Text.Encodings.Web;
using System.Text.Json;

namespace Inference.Models.Settings;

/// <summary>Words for messages about what a file says.</summary>
public static class Wording
{
    private const int MaxQuoted = 64;

    /// <summary>Text of a file on one line, shortened, with nothing in it that a terminal or log would obey.</summary>
    public static string Quote(string text)
    {
        var (start, end) = text.Length > MaxQuoted ? (text[..(MaxQuoted - 1)], "...") : (text, "");
        return $"\"{JsonEncodedText.Encode(start, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}{end}\"";
    }

    /// <summary>Someone else's message, which may quote the file, as one short line.</summary>
    public static string OneLine(string message)
    {
        const int MaxLength = 200;
        var shown = message.Length > MaxLength ? message[..MaxLength] + "..." : message;
        return string.Concat(shown.Select(letter => char.IsControl(letter) ? ' ' : letter));
    }

    /// <summary><c> Did you mean "x"?</c> when a known name is near enough to be meant, else the known names.</summary>
    public static string Suggest(string name, IReadOnlyCollection<string> known) =>
        DidYouMean(name, known) is { Length: > 0 } meant
            ? meant
            : $" Known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}.";

    /// <summary><c> Did you mean "x"?</c> when a known name is near enough to be meant, else nothing.</summary>
    public static string DidYouMean(string name, IReadOnlyCollection<string> known)
    {
        var nearest = name.Length > MaxQuoted ? null : known.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Max(1, nearest.Length / 3) ? $" Did you mean \"{nearest}\"?" : "";
    }

    /// <summary>
    /// Levenshtein's edit distance, letters compared without case: how many must be inserted, removed or replaced to make one
    /// name of the other.
    /// </summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i]) == char.ToLowerInvariant(right[j]);
                (diagonal, row[j + 1]) = (row[j + 1], Math.Min(diagonal + (same ? 0 : 1), Math.Min(row[j], row[j + 1]) + 1));
            }
        }

        return row[^1];
    }
}
