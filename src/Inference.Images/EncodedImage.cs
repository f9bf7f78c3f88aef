using System.Buffers;
using SkiaSharp;

namespace Inference.Images;

/// <summary>A PNG or JPEG whose header was read. Its bytes stay where they are.</summary>
internal sealed class EncodedImage : IDisposable
{
    /// <summary>
    /// 128 MiB of pixels: a small file can declare any number, so it is looked at before any memory is taken. The decoders themselves refuse
    /// sides above 1,000,000 (PNG) and 65,535 (JPEG), which bounds a row.
    /// </summary>
    public const int MaxPixels = 32 * 1024 * 1024;

    private readonly MemoryHandle _pin;
    private readonly SKData _data;
    private readonly SKCodec _codec;

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public EncodedImage(ReadOnlyMemory<byte> file)
    {
        // No other decoder is reached, whatever the file claims to be.
        if (!file.Span.StartsWith(Png) && !file.Span.StartsWith(Jpeg))
            throw InferenceException.InvalidRequest("The body is neither PNG nor JPEG: it does not begin as they do.");
        _pin = file.Pin();
        try
        {
            _data = SKData.Create(AddressOf(_pin), file.Length);
            _codec = SKCodec.Create(_data) ?? throw Broken(SKCodecResult.ErrorInInput);
            if ((long)Width * Height > MaxPixels)
                throw InferenceException.InvalidRequest($"The image has {Width} x {Height} pixels; at most {MaxPixels} are decoded.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];

    public int Width => _codec.Info.Width;

    public int Height => _codec.Info.Height;

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: there are not all pixels.</exception>
    /// <param name="pixels">The memory for the pixels, pinned, of the size that <paramref name="info"/> says.</param>
    public void Decode(SKImageInfo info, in MemoryHandle pixels)
    {
        var result = _codec.GetPixels(info, AddressOf(pixels));
        if (result != SKCodecResult.Success)
            throw Broken(result);
    }

    public void Dispose()
    {
        _codec?.Dispose();
        _data?.Dispose();
        _pin.Dispose();
    }

    private static unsafe nint AddressOf(in MemoryHandle pin) => (nint)pin.Pointer;

    private static InferenceException Broken(SKCodecResult result) => InferenceException.InvalidRequest(
        result == SKCodecResult.IncompleteInput ? "The image ends before its last pixel." : $"The image cannot be decoded: {result}.");
}
