using System.Security.Cryptography;
using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// Decodes a JPEG without an end marker. The pixels may be complete: some cameras and programs omit the marker, and every decoder accepts
/// such a file. A decoder fills in missing pixels from the bits that follow. The file is therefore complete if different appended bits lead
/// to the same pixels.
/// </summary>
internal static class JpegWithoutEnd
{
    /// <summary>
    /// The number of appended bytes: more than a decoder reads ahead, and enough to change some block of an incomplete image.
    /// </summary>
    private const int TailSize = 256;

    /// <summary>
    /// The maximum number of pixels of a small image. Decoding such an image several times takes a tenth of a millisecond.
    /// </summary>
    private const int MaxSmallPixels = 64 * 64;

    private static readonly byte[] EndMarker = [0xFF, 0xD9];

    /// <summary>
    /// Whether the end marker may be in the wrong place. Some proxies and programs add an end marker to a file that was cut off. A decoder
    /// fills a missing block with gray: half of each channel, or a quarter for a file with four channels. The last pixel is therefore gray
    /// if the whole last block is missing. If only a part of the last block is missing, the last pixel may have any color. In a small
    /// image, a part of a block is a large part of the image, so every small image is checked.
    /// </summary>
    /// <param name="pixels">The decoded pixels.</param>
    public static bool MayHaveWrongEnd(SKImageInfo info, ReadOnlySpan<byte> pixels) =>
        info.Width * info.Height <= MaxSmallPixels
            || pixels.Slice(info.BytesSize - DecodedImage.BytesPerPixel, 3) is [128, 128, 128] or [64, 64, 64];

    /// <summary>Decodes the file with different bits appended, and throws when the pixels differ.</summary>
    /// <param name="path">The path of the image in the request, for error messages.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: pixels are missing.</exception>
    public static void Decode(ReadOnlySpan<byte> file, SKImageInfo info, Memory<byte> pixels, string path)
    {
        // The file may end with the first half of an end marker.
        file = file.TrimEnd((byte)0xFF);
        var extended = PooledBytes.Rent(file.Length + TailSize + EndMarker.Length);
        try
        {
            file.CopyTo(extended.Span);
            byte[]? firstDigest = null;
            // Appends bits 01 repeated, then bits 10 repeated, then no bits. No Huffman code decodes the first two alike.
            foreach (var (tail, size) in (ReadOnlySpan<(byte, int)>)[(0x55, TailSize), (0xAA, TailSize), (0, 0)])
            {
                extended.Span.Slice(file.Length, size).Fill(tail);
                EndMarker.CopyTo(extended.Span[(file.Length + size)..]);
                Decode(extended.Memory[..(file.Length + size + EndMarker.Length)], info, pixels, path);
                var digest = SHA256.HashData(pixels.Span[..info.BytesSize]);
                firstDigest ??= digest;
                if (!digest.AsSpan().SequenceEqual(firstDigest))
                    throw EncodedImage.CreateIncompleteFileError(path);
            }
        }
        finally
        {
            PooledBytes.Return(extended);
        }
    }

    private static void Decode(ReadOnlyMemory<byte> file, SKImageInfo info, Memory<byte> pixels, string path)
    {
        using var pin = file.Pin();
        using var data = SKData.Create(EncodedImage.AddressOf(pin), file.Length);
        using var codec = SKCodec.Create(data) ?? throw EncodedImage.CreateDecodingError(SKCodecResult.ErrorInInput, path);
        EncodedImage.Decode(codec, info, pixels, path);
    }
}
