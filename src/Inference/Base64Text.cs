using System.Buffers;
using System.Buffers.Text;

namespace Inference;

/// <summary>Decodes base64 in place. Accepts text without padding, and ignores spaces, tabs and line breaks.</summary>
public static class Base64Text
{
    /// <summary>The number of bytes that a buffer must have after the text. Missing padding is added there.</summary>
    public const int MaxPadding = 2;

    /// <summary>The characters that the decoder ignores.</summary>
    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);

    /// <summary>Decodes a text. Returns false when the text is not base64.</summary>
    /// <param name="text">The buffer, which starts with the text. The decoded bytes overwrite the start of the buffer.</param>
    /// <param name="length">The number of bytes of the text.</param>
    /// <param name="decoded">Receives the number of decoded bytes.</param>
    public static bool TryDecode(Span<byte> text, int length, out int decoded)
    {
        ReadOnlySpan<byte> encoded = text[..length];
        for (var characters = length - encoded.CountAny(Whitespace); characters % 4 is 2 or 3; characters++)
            text[length++] = (byte)'=';
        return Base64.DecodeFromUtf8InPlace(text[..length], out decoded) == OperationStatus.Done;
    }
}
