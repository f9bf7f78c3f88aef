using System.Buffers;
using System.Globalization;
using System.Text;

namespace Cli.Output;

/// <summary>
/// Makes texts of servers and stores safe for a terminal. Control characters could move the cursor, hide or forge lines, and change the
/// clipboard. Format characters such as bidirectional overrides could make a name look like another name.
/// </summary>
internal static class Printable
{
    /// <summary>
    /// ZERO WIDTH NON-JOINER. This character and ZERO WIDTH JOINER are allowed, because some writing systems and emoji need them.
    /// </summary>
    private const int NonJoiner = 0x200C;

    private const int Joiner = 0x200D;

    private static readonly SearchValues<char> PrintableAscii =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);

    /// <summary>Whether a terminal only displays the character. Other characters have effects, such as moving the cursor.</summary>
    public static bool IsPrintable(Rune rune) => rune.Value is NonJoiner or Joiner || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>
    /// Returns a text as one line. Each character that is not printable, including a line break, becomes <c>\uXXXX</c>. A JSON reader
    /// restores the character.
    /// </summary>
    public static string EscapeLine(string text) =>
        text.AsSpan().ContainsAnyExcept(PrintableAscii) ? Escape(text, keepsLineBreaks: false) : text;

    /// <summary>Escapes a text as <see cref="EscapeLine"/> does, but keeps its line breaks.</summary>
    public static string EscapeLines(ReadOnlySpan<char> text) => Escape(text, keepsLineBreaks: true);

    private static string Escape(ReadOnlySpan<char> text, bool keepsLineBreaks)
    {
        var result = new StringBuilder(text.Length);
        while (Rune.DecodeFromUtf16(text, out var rune, out var length) is var status && length > 0)
        {
            var isBreak = keepsLineBreaks && (text[0] == '\n' || text.StartsWith("\r\n"));
            // A text may end with half of a surrogate pair, if the other half is written next. The output's encoding replaces a half
            // without the other half.
            if (isBreak || status != OperationStatus.Done || IsPrintable(rune))
                result.Append(text[..length]);
            else
                AppendEscaped(result, text[..length]);
            text = text[length..];
        }

        return result.ToString();
    }

    private static void AppendEscaped(StringBuilder result, ReadOnlySpan<char> characters)
    {
        foreach (var character in characters)
            result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
    }
}
