using System.Security.Cryptography;
using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// Decodes a JPEG without the marker of its end. Every pixel may be there: cameras and programs forget the marker, and every decoder takes
/// such a file. A decoder fills in what is missing from the bits that follow, so a file is whole if its pixels are the same whatever
/// follows.
/// </summary>
internal static class UnendedJpeg
{
    /// <summary>More than a decoder reads ahead, and enough to tell on some block.</summary>
    private const int TailSize = 256;

    /// <summary>Pixels of an image that is decoded several times in a tenth of a millisecond.</summary>
    private const int SmallImage = 64 * 64;

    private static readonly byte[] Ends = [0xFF, 0xD9];

    /// <summary>
    /// Whether the marker of the end may have come too early, as proxies and programs close a file that was cut off. A decoder makes blocks
    /// without bits gray, half of each channel, or a quarter where the file has four. The last pixel is of such a block unless less than a
    /// block is missing, which is much of a small image: each of those is looked at.
    /// </summary>
    /// <param name="pixels">As they were decoded.</param>
    public static bool MayBe(SKImageInfo info, ReadOnlySpan<byte> pixels) =>
        info.Width * info.Height <= SmallImage
            || pixels.Slice(info.BytesSize - DecodedImage.BytesPerPixel, 3) is [128, 128, 128] or [64, 64, 64];

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: there are not all pixels.</exception>
    public static void Decode(ReadOnlySpan<byte> file, SKImageInfo info, Memory<byte> pixels)
    {
        // Half of a marker.
        file = file.TrimEnd((byte)0xFF);
        var ended = PooledBytes.Rent(file.Length + TailSize + Ends.Length);
        try
        {
            file.CopyTo(ended.Span);
            byte[]? first = null;
            // The bits 01 and 10 in turn, of which no code is made alike, and none at all.
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
