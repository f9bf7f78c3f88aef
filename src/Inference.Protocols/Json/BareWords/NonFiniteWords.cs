using System.Buffers;
using System.Text.Json;

namespace Inference.Protocols.Json.BareWords;

/// <summary>
/// Quotes NaN and the infinities. Python, pandas and TensorFlow Serving's clients write them as bare words, which no JSON reader accepts.
/// Each word becomes a string with an escaped first letter: <c>NaN</c> becomes <c>"\u004eaN"</c>. The escape distinguishes the word from a
/// text <c>"NaN"</c>.
/// </summary>
internal static class NonFiniteWords
{
    private static readonly SearchValues<byte> FirstBytes = SearchValues.Create("\"NI"u8);

    /// <summary>The number of bytes that quoting adds to a word: two for the quotes, and five for the escape of the first letter.</summary>
    private const int AddedBytes = 7;

    /// <summary>
    /// Returns the text with its bare words quoted. A text without bare words is returned without a copy. If commas separate the words, the
    /// copy is at most 2.75 times as long: <c>NaN,</c> has 4 bytes, and its copy 11.
    /// </summary>
    /// <param name="quoted">The copy; null when there is none. The caller disposes the copy, even when this method throws.</param>
    public static ReadOnlyMemory<byte> QuoteBareWords(ReadOnlyMemory<byte> json, ref PooledBuffer? quoted)
    {
        var text = json.Span;
        var (copied, at) = (0, 0);
        while (TryFind(text, ref at, out var start))
        {
            quoted ??= new PooledBuffer(text.Length + 64);
            quoted.Write(text[copied..start]);
            Write(quoted, text[start..at]);
            copied = at;
        }

        if (quoted is null)
            return json;
        quoted.Write(text[copied..]);
        return quoted.Written;
    }

    /// <summary>Converts an error with a position in the copy to an error with the position in the original text.</summary>
    public static JsonException Relocate(ReadOnlySpan<byte> json, JsonException copyError)
    {
        if (copyError is not { LineNumber: { } line, BytePositionInLine: { } position })
            return copyError;
        var lineStart = 0;
        for (var i = 0L; i < line; i++)
            lineStart += json[lineStart..].IndexOf((byte)'\n') + 1;
        var (column, at, message) = (position, 0, copyError.Message);
        while (TryFind(json, ref at, out var start) && start - lineStart < column)
        {
            if (start >= lineStart)
                column = Math.Max(start - lineStart, column - AddedBytes);
        }

        // The copy of a misplaced word starts with a quote, so the message names the quote instead of the word's first character.
        if (lineStart + column < json.Length && (char)json[(int)(lineStart + column)] is var first && first is 'N' or 'I' or '-')
            message = message.Replace("'\"'", $"'{first}'", StringComparison.Ordinal);
        message = message.Replace($"BytePositionInLine: {position}", $"BytePositionInLine: {column}", StringComparison.Ordinal);
        return new JsonException(message, copyError.Path, line, column, copyError);
    }

    /// <summary>Whether a string of the copy is a quoted bare word.</summary>
    /// <param name="escaped">The content of the string with its escapes.</param>
    public static bool IsBareWord(ReadOnlySpan<byte> escaped)
    {
        var text = escaped.TrimStart((byte)'-');
        return text.SequenceEqual(@"\u004eaN"u8) || text.SequenceEqual(@"\u0049nfinity"u8) || text.SequenceEqual(@"\u0049nf"u8);
    }

    /// <summary>Finds the next word with its sign.</summary>
    /// <param name="at">The position where the search starts. Receives the position after the word.</param>
    private static bool TryFind(ReadOnlySpan<byte> text, ref int at, out int start)
    {
        while (text[at..].IndexOfAny(FirstBytes) is var next and >= 0)
        {
            at += next;
            if (text[at] == '"')
            {
                at = FindEndOfString(text, at);
                continue;
            }

            var length = GetWordLength(text[at..]);
            if (length == 0)
            {
                at++;
                continue;
            }

            start = at > 0 && text[at - 1] == '-' ? at - 1 : at;
            at += length;
            return true;
        }

        start = text.Length;
        return false;
    }

    private static void Write(PooledBuffer quoted, ReadOnlySpan<byte> word)
    {
        quoted.Write("\""u8);
        if (word[0] == '-')
            quoted.Write("-"u8);
        word = word.TrimStart((byte)'-');
        quoted.Write(word[0] == 'N' ? @"\u004e"u8 : @"\u0049"u8);
        quoted.Write(word[1..]);
        quoted.Write("\""u8);
    }

    private static int GetWordLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("NaN"u8) || text.StartsWith("Inf"u8) ? 3 : 0;

    /// <summary>Returns the position after the closing quote of the string that starts at a position, or the end of the text.</summary>
    private static int FindEndOfString(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (text[at..].IndexOfAny((byte)'"', (byte)'\\') is var next and >= 0)
        {
            at += next + 1;
            if (text[at - 1] == '"')
                return at;
            if (at == text.Length)
                break;
            at++;
        }

        return text.Length;
    }
}
