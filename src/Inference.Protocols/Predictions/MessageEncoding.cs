using System.Buffers;
using System.Buffers.Text;

namespace Inference.Protocols.Predictions;

/// <summary>
/// Finds the JSON in a queue message. The portal, Logic Apps and older SDKs send a message in base64, whatever its receiver expects.
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
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(message.Length)];
        if (Base64.DecodeFromUtf8(message.Span, decoded, out _, out var length) != OperationStatus.Done)
            return message;
        var json = ByteOrderMark.Skip(decoded.AsMemory(0, length));
        return IsObject(json.Span) ? json : message;
    }

    private static bool IsObject(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
