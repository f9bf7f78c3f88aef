using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// The pixels of a PNG or JPEG as they are in it: colour profiles and orientation are not applied and transparency is dropped, as by
/// Pillow's <c>Image.open(...).convert("RGB")</c>, which most models were trained with. Skia decodes: of the libraries there are, its
/// decoders are those that browsers rely on and that are fuzzed all the time.
/// </summary>
internal sealed class DecodedImage : IDisposable
{
    /// <summary>128 MiB of pixels: a small file can declare any number, so it is looked at before any memory is taken.</summary>
    public const int MaxPixels = 32 * 1024 * 1024;

    public const int BytesPerPixel = 4;

    private readonly SKBitmap _bitmap;

    private DecodedImage(SKBitmap bitmap) => _bitmap = bitmap;

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    /// <summary>Red, green, blue and alpha of each pixel of a row.</summary>
    public ReadOnlySpan<byte> Row(int y) => _bitmap.GetPixelSpan().Slice(y * _bitmap.RowBytes, Width * BytesPerPixel);

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static DecodedImage Read(ReadOnlySpan<byte> file)
    {
        // No other decoder is reached, whatever the file claims to be.
        if (!file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) && !file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            throw InferenceException.InvalidRequest("The body is neither PNG nor JPEG: it does not begin as they do.");
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw Broken(SKCodecResult.ErrorInInput);
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxPixels)
            throw InferenceException.InvalidRequest($"The image has {width} x {height} pixels; at most {MaxPixels} are decoded.");
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null));
        try
        {
            var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
            return result == SKCodecResult.Success ? new DecodedImage(bitmap) : throw Broken(result);
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }

    public void Dispose() => _bitmap.Dispose();

    private static InferenceException Broken(SKCodecResult result) => InferenceException.InvalidRequest(
        result == SKCodecResult.IncompleteInput ? "The image ends before its last pixel." : $"The image cannot be decoded: {result}.");
}
