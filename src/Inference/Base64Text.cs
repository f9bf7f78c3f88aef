using System.Buffers;
using System.Buffers.Text;

namespace Inference;

/// <summary>Decodes base64 in place. The padding may be missing, and there may be line breaks and blanks.</summary>
public static class Base64Text
{
    /// <summary>The number of free bytes that a buffer needs after the text.</summary>
    public const int MaxPadding = 2;

    /// <summary>The characters that the decoder ignores.</summary>
    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n"u8);

    /// <summary>Decodes a text; false when it is not base64.</summary>
    /// <param name="text">The first <paramref name="length"/> bytes are the text. The decoded bytes overwrite its start.</param>
    public static bool TryDecode(Span<byte> text, int length, out int decoded)
    {
        ReadOnlySpan<byte> encoded = text[..length];
        for (var characters = length - encoded.CountAny(Whitespace); characters % 4 is 2 or 3; characters++)
            text[length++] = (byte)'=';
        return Base64.DecodeFromUtf8InPlace(text[..length], out decoded) == OperationStatus.Done;
    }
}
