namespace Inference.Protocols.Predictions;

/// <summary>
/// Finds the JSON in a queue message. The portal, Logic Apps and older SDKs always send messages in base64. Some senders omit the padding,
/// add line breaks, or use the URL alphabet.
/// </summary>
internal static class MessageEncoding
{
    /// <summary>
    /// Decodes a message in base64, and skips byte order marks. A JSON object is not decoded, because base64 never starts with
    /// <c>{</c>.
    /// </summary>
    /// <returns>The decoded text; the message itself when the message is not base64, or when the decoded text is not an object.</returns>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> message)
    {
        message = ByteOrderMark.Skip(message);
        if (IsObject(message.Span) || message.IsEmpty)
            return message;
        var text = new byte[message.Length + Base64Text.MaxPadding];
        if (!Base64Text.TryDecode(text, CopyAsStandardBase64(message.Span, text), out var length))
            return message;
        var json = ByteOrderMark.Skip(text.AsMemory(0, length));
        return IsObject(json.Span) ? json : message;
    }

    /// <summary>Copies base64, omits its whitespace, and converts the URL alphabet (RFC 4648, section 5) to the standard one.</summary>
    /// <returns>The number of bytes copied.</returns>
    private static int CopyAsStandardBase64(ReadOnlySpan<byte> message, Span<byte> text)
    {
        var length = 0;
        foreach (var character in message)
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                text[length++] = character switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => character };
        }

        return length;
    }

    private static bool IsObject(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
