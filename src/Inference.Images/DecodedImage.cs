using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// The stored pixels of a PNG, JPEG or WebP. Color profiles are not applied and transparency is dropped, as in Pillow's
/// <c>Image.open(...).convert("RGB")</c>, with which most models were trained. Skia decodes the image, because browsers use its decoders
/// and the decoders are fuzzed continuously.
/// </summary>
internal sealed class DecodedImage : IDisposable
{
    /// <summary>The size of a pixel in bytes: red, green, blue and alpha.</summary>
    public const int BytesPerPixel = 4;

    private readonly RentedBytes _pixels;

    private DecodedImage(RentedBytes pixels, EncodedImage image) =>
        (_pixels, Width, Height, Origin) = (pixels, image.Width, image.Height, image.Origin);

    /// <summary>The width in pixels as stored, before the orientation is applied.</summary>
    public int Width { get; }

    /// <summary>The height in pixels as stored, before the orientation is applied.</summary>
    public int Height { get; }

    /// <summary>
    /// The orientation: the position of the first stored row and column when the image is upright. For example, <c>RightTop</c> means that
    /// the first row is the right edge, and the first column is the top edge.
    /// </summary>
    public SKEncodedOrigin Origin { get; }

    /// <summary>Returns red, green, blue and alpha of each pixel in a row.</summary>
    public ReadOnlySpan<byte> GetRow(int y) => _pixels.Span.Slice(y * Width * BytesPerPixel, Width * BytesPerPixel);

    /// <summary>Decodes an image into pooled memory.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: pixels are missing. <see cref="InferenceError.Overloaded"/>: too little memory.
    /// </exception>
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
