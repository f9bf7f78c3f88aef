using System.Text;

namespace Inference;

/// <summary>
/// Quotes the text of a caller, or the message of a library about it, in an error: the quote is short, however long the text is.
/// </summary>
public static class Quote
{
    /// <summary>The most characters of a caller's text in a message.</summary>
    public const int MaxLength = 200;

    /// <summary>The most characters of a library's message, whose own words stand around what it quotes.</summary>
    public const int MaxMessageLength = 500;

    private const string Omission = "...";

    /// <summary>Returns the text, or the start of a long one.</summary>
    public static string Of(string text) => text.Length <= MaxLength ? text : $"{Start(text, MaxLength - Omission.Length)}{Omission}";

    /// <inheritdoc cref="Of(string)"/>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        // No character has more than four bytes, so the bytes that are left out are beyond the quote.
        const int MaxBytes = (MaxLength + 1) * 4;
        return Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxBytes)]));
    }

    /// <summary>
    /// Returns the message of a parser, which may quote all of a caller's text. A long one loses its middle, because its own words stand at
    /// both ends.
    /// </summary>
    public static string Message(string message) => Shorten(message, MaxLength);

    /// <summary>Returns the message of a runtime, which may quote an element of an input; a long one without its middle.</summary>
    public static string LongMessage(string message) => Shorten(message, MaxMessageLength);

    private static string Shorten(string message, int limit)
    {
        if (message.Length <= limit)
            return message;
        var half = (limit - Omission.Length) / 2;
        var end = message.AsSpan(message.Length - half);
        return $"{Start(message, half)}{Omission}{(char.IsLowSurrogate(end[0]) ? end[1..] : end)}";
    }

    /// <summary>Half a character would be no text.</summary>
    private static ReadOnlySpan<char> Start(string text, int length) =>
        text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
}
