using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Azure.Storage.Queues;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Converts between messages and their text in the queue.</summary>
internal static class MessageText
{
    /// <summary>Decodes a message from its stored text.</summary>
    /// <param name="body">The decoded message; the stored text when it is not valid in its encoding.</param>
    /// <returns>False when the encoding is base64 and the stored text is not valid base64.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> stored, QueueMessageEncoding encoding, out ReadOnlyMemory<byte> body)
    {
        body = stored;
        if (encoding == QueueMessageEncoding.None)
            return true;

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(stored.Length)];
        if (Base64.DecodeFromUtf8(stored.Span, decoded, out _, out var length) != OperationStatus.Done)
            return false;
        body = decoded.AsMemory(0, length);
        return true;
    }

    /// <summary>Encodes a message as the text to store.</summary>
    public static string Encode(string text, QueueMessageEncoding encoding) =>
        encoding == QueueMessageEncoding.None ? text : Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
