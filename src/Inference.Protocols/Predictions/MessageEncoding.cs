using Inference.Protocols.Json;

namespace Inference.Protocols.Predictions;

/// <summary>
/// Finds the JSON in a queue message. The portal, Logic Apps and older SDKs send a message in base64, whatever its receiver expects; others
/// leave out its padding, break its lines, or use the alphabet of addresses.
/// </summary>
internal static class MessageEncoding
{
    /// <summary>Returns the JSON of a message in base64, without a byte order mark. No JSON object begins as base64 does.</summary>
    /// <returns>The message itself when it is in no base64, or the decoded text is no object either.</returns>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> message)
    {
        message = ByteOrderMark.Skip(message);
        if (IsObject(message.Span) || message.IsEmpty)
            return message;
        var text = new byte[message.Length + Base64Text.MaxPadding];
        if (!Base64Text.TryDecode(text, CopyStandard(message.Span, text), out var length))
            return message;
        var json = ByteOrderMark.Skip(text.AsMemory(0, length));
        return IsObject(json.Span) ? json : message;
    }

    /// <summary>
    /// Copies base64 without line breaks, and in the standard alphabet: some encoders use that of addresses (RFC 4648, section 5).
    /// </summary>
    /// <returns>The bytes of the copy.</returns>
    private static int CopyStandard(ReadOnlySpan<byte> message, Span<byte> text)
    {
        var length = 0;
        foreach (var letter in message)
        {
            if (letter is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                text[length++] = letter switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => letter };
        }

        return length;
    }

    private static bool IsObject(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
