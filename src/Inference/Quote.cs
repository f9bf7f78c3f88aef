using System.Text;

namespace Inference;

/// <summary>Shortens a caller's text, or a library's message about that text, for a quote in an error message.</summary>
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
    /// Shortens the message of a parser, which may quote the caller's whole text. The middle of a long message is omitted, because the
    /// parser's own words are at the start and at the end.
    /// </summary>
    public static string ShortenMessage(string message) => Shorten(message, MaxLength);

    /// <summary>Shortens the message of a runtime, which may quote an input element. The middle of a long message is omitted.</summary>
    public static string ShortenLongMessage(string message) => Shorten(message, MaxMessageLength);

    private static string Shorten(string message, int limit)
    {
        if (message.Length <= limit)
            return message;
        var half = (limit - Omission.Length) / 2;
        var end = message.AsSpan(message.Length - half);
        return $"{Start(message, half)}{Omission}{(char.IsLowSurrogate(end[0]) ? end[1..] : end)}";
    }

    /// <summary>Returns the first characters of the text, without splitting a surrogate pair.</summary>
    public static ReadOnlySpan<char> Start(string text, int length) =>
        text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
}
