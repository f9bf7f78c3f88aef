using System.Text;

namespace Inference;

/// <summary>Quotes a caller's text, or a library's message about it, in an error message. The length of a quote is limited.</summary>
public static class Quote
{
    /// <summary>The maximum number of characters of a caller's text in a message.</summary>
    public const int MaxLength = 200;

    /// <summary>
    /// The maximum number of characters of a library's message. The limit is higher than <see cref="MaxLength"/>, because the library's own
    /// words surround the quoted text.
    /// </summary>
    public const int MaxMessageLength = 500;

    private const string Omission = "...";

    /// <summary>Returns the text, or the start of a text that is longer than <see cref="MaxLength"/>.</summary>
    public static string Shorten(string text) => text.Length <= MaxLength ? text : $"{Start(text, MaxLength - Omission.Length)}{Omission}";

    /// <inheritdoc cref="Shorten(string)"/>
    public static string Shorten(ReadOnlySpan<byte> utf8)
    {
        // A UTF-8 character has at most four bytes, so the omitted bytes are beyond the quote.
        const int MaxBytes = (MaxLength + 1) * 4;
        return Shorten(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxBytes)]));
    }

    /// <summary>
    /// Returns the message of a parser, which may quote all of a caller's text. A long message loses its middle, because the parser's own
    /// words stand at both ends.
    /// </summary>
    public static string ShortenMessage(string message) => Shorten(message, MaxLength);

    /// <summary>Returns the message of a runtime, which may quote an input element. A long message loses its middle.</summary>
    public static string ShortenLongMessage(string message) => Shorten(message, MaxMessageLength);

    private static string Shorten(string message, int limit)
    {
        if (message.Length <= limit)
            return message;
        var half = (limit - Omission.Length) / 2;
        var end = message.AsSpan(message.Length - half);
        return $"{Start(message, half)}{Omission}{(char.IsLowSurrogate(end[0]) ? end[1..] : end)}";
    }

    /// <summary>Returns the start of the text without splitting a surrogate pair.</summary>
    public static ReadOnlySpan<char> Start(string text, int length) =>
        text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
}
