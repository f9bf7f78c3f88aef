using System.Text;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>
/// The file of an image that was sent as text: base64, with or without the head of a data URI. An element that is already a file is used
/// directly.
/// </summary>
internal sealed class ImageText : IDisposable
{
    private readonly RentedBytes _decoded;

    private ImageText(ReadOnlyMemory<byte> bytes, RentedBytes decoded) => (Bytes, _decoded) = (bytes, decoded);

    /// <summary>The bytes of the file, valid until disposal.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <param name="path">The path of the image in the request.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the element is neither a file nor base64.
    /// </exception>
    public static ImageText Open(ReadOnlyMemory<byte> element, string path)
    {
        if (EncodedImage.IsSupportedFormat(element.Span))
            return new ImageText(element, default);
        var text = RemoveDataUriHead(element.Span.Trim(" \t\r\n"u8), path);
        var decoded = PooledBytes.Rent(text.Length + Base64Text.MaxPadding);
        try
        {
            return new ImageText(decoded.Memory[..Decode(text, decoded.Span, path)], decoded);
        }
        catch
        {
            PooledBytes.Return(decoded);
            throw;
        }
    }

    public void Dispose() => PooledBytes.Return(_decoded);

    /// <summary>Returns the base64 of <c>data:image/png;base64,...</c> (RFC 2397), or the whole text.</summary>
    private static ReadOnlySpan<byte> RemoveDataUriHead(ReadOnlySpan<byte> text, string path)
    {
        if (text.StartsWith("http://"u8) || text.StartsWith("https://"u8))
        {
            throw InferenceException.InvalidRequest(
                $"{path} is an address. This server fetches no images: send the image itself in base64.");
        }

        if (text.Length < 5 || !Ascii.EqualsIgnoreCase(text[..5], "data:"u8))
            return text;
        var comma = text.IndexOf((byte)',');
        return comma >= 7 && Ascii.EqualsIgnoreCase(text[(comma - 7)..comma], ";base64"u8)
            ? text[(comma + 1)..]
            : throw InferenceException.InvalidRequest(
                $"{path} is a data URI without base64. Send data:image/png;base64,... or the base64 alone.");
    }

    /// <summary>
    /// Decodes base64. The padding may be missing, the alphabet may be the URL alphabet (RFC 4648, section 5), and the text may contain
    /// line breaks, tabs and spaces.
    /// </summary>
    private static int Decode(ReadOnlySpan<byte> text, Span<byte> decoded, string path)
    {
        text.CopyTo(decoded);
        decoded[..text.Length].Replace((byte)'-', (byte)'+');
        decoded[..text.Length].Replace((byte)'_', (byte)'/');
        if (!Base64Text.TryDecode(decoded, text.Length, out var written))
        {
            throw InferenceException.InvalidRequest(
                $"{path} is not an image: it is neither the bytes of a file nor base64. Send the image in base64.");
        }

        return written;
    }
}
