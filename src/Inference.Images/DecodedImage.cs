using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// The pixels of a PNG, JPEG or WebP as they are in it: colour profiles are not applied and transparency is dropped, as by
/// Pillow's <c>Image.open(...).convert("RGB")</c>, which most models were trained with. Skia decodes: of the libraries there are, its
/// decoders are those that browsers rely on and that are fuzzed all the time.
/// </summary>
internal sealed class DecodedImage : IDisposable
{
    public const int BytesPerPixel = 4;

    private readonly RentedBytes _pixels;

    private DecodedImage(RentedBytes pixels, EncodedImage image) =>
        (_pixels, Width, Height, Origin) = (pixels, image.Width, image.Height, image.Origin);

    public int Width { get; }

    public int Height { get; }

    /// <summary>Where the first row and column are when the image is upright.</summary>
    public SKEncodedOrigin Origin { get; }

    /// <summary>Red, green, blue and alpha of each pixel of a row.</summary>
    public ReadOnlySpan<byte> Row(int y) => _pixels.Span.Slice(y * Width * BytesPerPixel, Width * BytesPerPixel);

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static DecodedImage Read(EncodedImage image)
    {
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var pixels = PooledBytes.Rent(info.BytesSize);
        try
        {
            image.Decode(info, pixels.Memory);
            return new DecodedImage(pixels, image);
        }
        catch
        {
            PooledBytes.Return(pixels);
            throw;
        }
    }

    public void Dispose() => PooledBytes.Return(_pixels);
}
