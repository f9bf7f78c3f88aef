using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Inference.Models.Settings;

/// <summary>Formats parts of messages about the content of a file.</summary>
public static class ProblemText
{
    /// <summary>The maximum number of characters of quoted text. A longer name gets no suggestion.</summary>
    private const int MaxQuoted = 64;

    /// <summary>
    /// Phrases of System.Text.Json that are written for programmers. Each has a replacement for the author of the JSON text.
    /// </summary>
    private static readonly (string Phrase, string Replacement)[] JsonPhrases =
    [
        (
            "Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.",
            "The text ends before every object and array is closed."),
        (
            "The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.",
            "The text is empty."),
        ("but instead reached end of data", "but the text ends here"),
        ("Expected end of data", "Expected the end of the text"),
        (" which is not supported in this mode", ""),
        (" Change the reader options.", ""),
        (" Cannot read next JSON array.", " Arrays or objects are nested too deeply."),
        (" Cannot read next JSON object.", " Arrays or objects are nested too deeply."),
        ("The maximum configured depth", "The maximum depth"),
    ];

    /// <summary>
    /// Quotes text of a file on one line. Long text is shortened, and characters that a terminal or log interprets are escaped.
    /// </summary>
    public static string Quote(string text)
    {
        var (start, end) = text.Length > MaxQuoted ? (Inference.Quote.Start(text, MaxQuoted - 1).ToString(), "...") : (text, "");
        return $"\"{string.Concat(start.EnumerateRunes().Select(Escape))}{end}\"";
    }

    /// <summary>Returns the message of a library on one line, shortened, because the message may quote a long part of the file.</summary>
    public static string ToOneLine(string message) =>
        string.Concat(Inference.Quote.ShortenMessage(message).Select(letter => char.IsControl(letter) ? ' ' : letter));

    /// <summary>
    /// Returns the reason of a JSON error without its position, in words for the author of the text.
    /// </summary>
    public static string GetReason(JsonException e)
    {
        var positionStart = e.Message.LastIndexOf(" LineNumber: ", StringComparison.Ordinal);
        var reason = positionStart < 0 ? e.Message : e.Message[..positionStart];
        // If the text ends after a number, the library reports the last digit as invalid. In fact, a delimiter is missing after it.
        return reason is ['\'', >= '0' and <= '9', '\'', ..] && reason.Contains("invalid end of a number", StringComparison.Ordinal)
            ? $"The text ends after {reason[..3]}. Expected a delimiter."
            : JsonPhrases.Aggregate(reason, static (text, part) => text.Replace(part.Phrase, part.Replacement, StringComparison.Ordinal));
    }

    /// <summary>
    /// Returns the reason and the position of an error in JSON. The first line and its first byte have number 1. Returns the message of any
    /// other error.
    /// </summary>
    public static string Describe(Exception e) => e switch
    {
        JsonException { LineNumber: { } line, BytePositionInLine: { } position } malformed =>
            $"{GetReason(malformed).TrimEnd('.')}, at line {line + 1}, byte {position + 1}.",
        JsonException malformed => GetReason(malformed),
        _ => e.Message,
    };

    /// <summary>
    /// Returns <c> Did you mean "x"?</c> if a known name is similar, and otherwise the known names. Returns an empty text when no name is
    /// known.
    /// </summary>
    public static string Suggest(string name, IReadOnlyCollection<string> known) =>
        SuggestSimilar(name, known) is { Length: > 0 } suggestion
            ? suggestion
            : known.Count == 0 ? ""
            : $" Known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}.";

    /// <summary>Returns <c> Did you mean "x"?</c> if a known name is similar, and otherwise an empty text.</summary>
    public static string SuggestSimilar(string name, IReadOnlyCollection<string> known)
    {
        var nearest = name.Length > MaxQuoted ? null : known.MinBy(candidate => GetDistance(name, candidate));
        return nearest is not null && GetDistance(name, nearest) <= Math.Max(1, nearest.Length / 3) ? DidYouMean(nearest) : "";
    }

    /// <summary>Returns <c> Did you mean "x"?</c> for the intended name.</summary>
    public static string DidYouMean(string intended) => $" Did you mean \"{intended}\"?";

    /// <summary>
    /// Escapes a character that a terminal or log interprets. Visible characters beyond U+FFFF, such as emoji, bypass the encoder, which
    /// would escape them.
    /// </summary>
    private static string Escape(Rune rune) =>
        !rune.IsBmp && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned)
            ? rune.ToString()
            : JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(rune.ToString());

    /// <summary>
    /// Computes Levenshtein's edit distance, ignoring case: the fewest letters to insert, remove or replace that turn one name into the
    /// other.
    /// </summary>
    private static int GetDistance(string left, string right)
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
