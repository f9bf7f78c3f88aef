using System.Security.Cryptography;
using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// Decodes a JPEG without an end marker. Its pixels may be complete: some cameras and programs omit the marker, and every decoder accepts
/// such a file. A decoder fills in missing pixels from the bits that follow. So the file is complete if its pixels are the same whatever
/// follows.
/// </summary>
internal static class UnendedJpeg
{
    /// <summary>
    /// The number of appended bytes. It exceeds what a decoder reads ahead, and is enough to change some block of an incomplete image.
    /// </summary>
    private const int TailSize = 256;

    /// <summary>The number of pixels of an image that is decoded several times in a tenth of a millisecond.</summary>
    private const int SmallImage = 64 * 64;

    private static readonly byte[] Ends = [0xFF, 0xD9];

    /// <summary>
    /// Whether the end marker may be in the wrong place, because some proxies and programs add it to a file that was cut off. A decoder
    /// makes blocks without bits gray: half of each channel, or a quarter for a file with four channels. The last pixel is in such a block
    /// unless less than a block is missing. That is much of a small image, so each small one is checked.
    /// </summary>
    /// <param name="pixels">The decoded pixels.</param>
    public static bool MayBe(SKImageInfo info, ReadOnlySpan<byte> pixels) =>
        info.Width * info.Height <= SmallImage
            || pixels.Slice(info.BytesSize - DecodedImage.BytesPerPixel, 3) is [128, 128, 128] or [64, 64, 64];

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: pixels are missing.</exception>
    public static void Decode(ReadOnlySpan<byte> file, SKImageInfo info, Memory<byte> pixels)
    {
        // The first half of a marker.
        file = file.TrimEnd((byte)0xFF);
        var ended = PooledBytes.Rent(file.Length + TailSize + Ends.Length);
        try
        {
            file.CopyTo(ended.Span);
            byte[]? first = null;
            // Alternating bits 01 and 10, which no code decodes alike, and no bits at all.
            foreach (var (tail, size) in (ReadOnlySpan<(byte, int)>)[(0x55, TailSize), (0xAA, TailSize), (0, 0)])
            {
                ended.Span.Slice(file.Length, size).Fill(tail);
                Ends.CopyTo(ended.Span[(file.Length + size)..]);
                Decode(ended.Memory[..(file.Length + size + Ends.Length)], info, pixels);
                var digest = SHA256.HashData(pixels.Span[..info.BytesSize]);
                first ??= digest;
                if (!digest.AsSpan().SequenceEqual(first))
                    throw EncodedImage.EndsEarly();
            }
        }
        finally
        {
            PooledBytes.Return(ended);
        }
    }

    private static void Decode(ReadOnlyMemory<byte> file, SKImageInfo info, Memory<byte> pixels)
    {
        using var pin = file.Pin();
        using var data = SKData.Create(EncodedImage.AddressOf(pin), file.Length);
        using var codec = SKCodec.Create(data) ?? throw EncodedImage.Broken(SKCodecResult.ErrorInInput);
        EncodedImage.Decode(codec, info, pixels);
    }
}
