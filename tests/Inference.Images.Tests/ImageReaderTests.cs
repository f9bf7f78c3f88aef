using System.Buffers.Binary;
using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using SkiaSharp;

namespace Inference.Images.Tests;

public sealed class ImageReaderTests
{
    private static readonly ImageSettings Raw = new() { Height = 2, Width = 3, Scale = 1 };

    /// <summary>Two rows of three pixels: red, green, blue; black, white, (10, 20, 30).</summary>
    private static readonly byte[] Png =
        Encode(3, 2, SKEncodedImageFormat.Png, [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 10, 20, 30]);

    [Theory]
    [InlineData(ImageLayout.Nchw, ImageChannels.Rgb, new float[] { 255, 0, 0, 0, 255, 10, 0, 255, 0, 0, 255, 20, 0, 0, 255, 0, 255, 30 })]
    [InlineData(ImageLayout.Nchw, ImageChannels.Bgr, new float[] { 0, 0, 255, 0, 255, 30, 0, 255, 0, 0, 255, 20, 255, 0, 0, 0, 255, 10 })]
    [InlineData(ImageLayout.Nhwc, ImageChannels.Rgb, new float[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 10, 20, 30 })]
    [InlineData(ImageLayout.Nhwc, ImageChannels.Bgr, new float[] { 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 30, 20, 10 })]
    [InlineData(ImageLayout.Nchw, ImageChannels.Gray, new float[] { 76.245f, 149.685f, 29.07f, 0, 255, 18.15f })]
    public void Read_ImageOfTheModelsSize_IsItsPixels(ImageLayout layout, ImageChannels channels, float[] expected) =>
        AssertClose(expected, Read(Png, Raw with { Layout = layout, Channels = channels }), 0.001f);

    [Fact]
    public void Read_Normalization_IsOfEachChannel()
    {
        var settings = Raw with { Scale = 1f / 255, Mean = [0.5f, 0, 1], Std = [0.5f, 2, 1] };

        AssertClose(
            [1, -1, -1, -1, 1, -0.92157f, 0, 0.5f, 0, 0, 0.5f, 0.039216f, -1, -1, 0, -1, 0, -0.88235f], Read(Png, settings), 0.0001f);
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.UInt8)]
    public void Read_OtherTypes_HaveTheSameValues(ElementType type)
    {
        using var request = ImageReader.Read(Png, Model(Raw, type));

        var tensor = request.Inputs[0].Tensor;
        Assert.Equal(255, type == ElementType.UInt8 ? tensor.Data.Span[0] : (float)tensor.Values<Half>()[0]);
        Assert.Equal(30, type == ElementType.UInt8 ? tensor.Data.Span[^1] : (float)tensor.Values<Half>()[^1]);
    }

    [Fact]
    public void Read_Reduced_CoversAllPixelsByTheTriangleFilter()
    {
        // The expected values are those of Pillow 9.4 and of torchvision's antialias. The weights are 1, 3, 3, 1 of 8, cut off at the edges
        // and scaled to a sum of 1.
        var png = Encode(4, 1, SKEncodedImageFormat.Png, [0, 0, 0, 80, 80, 80, 160, 160, 160, 240, 240, 240]);

        AssertClose([(0 * 3) / 7f + (80 * 3) / 7f + 160 / 7f, 80 / 7f + (160 * 3) / 7f + (240 * 3) / 7f], Read(png, Gray(1, 2)), 0.001f);
    }

    [Fact]
    public void Read_ReducedByACubicFilter_IsKeysConvolution()
    {
        // The weights are Keys' function with -0.5 at the distances 0.25, 0.75, 1.25 and 1.75. They are cut off at the edges and scaled to
        // a sum of 1.
        const float Near = 0.8671875f;
        const float Next = 0.2265625f;
        const float Far = -0.0703125f;
        const float Last = -0.0234375f;
        float[] values = [10, 30, 90, 200, 120, 60];
        var png = Encode(6, 1, SKEncodedImageFormat.Png, [.. values.SelectMany(value => Enumerable.Repeat((byte)value, 3))]);

        var pixels = Read(png, Gray(1, 3) with { Resample = ImageResample.Bicubic });

        var first = ((Near * (values[0] + values[1])) + (Next * values[2]) + (Far * values[3]) + (Last * values[4]))
            / ((2 * Near) + Next + Far + Last);
        var middle = ((Last * 0) + (Next * (values[1] + values[4])) + (Near * (values[2] + values[3])) + (Far * (values[0] + values[5])))
            / (2 * (Near + Next + Far));
        AssertClose([first, middle], pixels[..2], 0.01f);
    }

    [Fact]
    public void Read_EdgesOfACubicFilter_StayInTheRange()
    {
        var png = Encode(8, 1, SKEncodedImageFormat.Png,
            [.. new byte[] { 0, 0, 0, 0, 255, 255, 255, 255 }.SelectMany(value => Enumerable.Repeat(value, 3))]);

        Assert.All(Read(png, Gray(1, 16) with { Resample = ImageResample.Bicubic }), value => Assert.InRange(value, 0, 255));
    }

    /// <summary>
    /// The shorter side already has the size of the edge, so the image keeps its 8 columns. The two columns in the middle are kept.
    /// </summary>
    [Fact]
    public void Read_ShortestEdge_IsResizedAndCutFromTheMiddle()
    {
        byte[] columns = [0, 10, 20, 100, 200, 70, 80, 90];
        var png = Encode(8, 4, SKEncodedImageFormat.Png,
            [.. Enumerable.Repeat(columns.SelectMany(value => Enumerable.Repeat(value, 3)), 4).SelectMany(row => row)]);

        var pixels = Read(png, Gray(2, 2) with { Resize = ImageResize.Crop, ShortestEdge = 4 });

        AssertClose([100, 200, 100, 200], pixels, 0.001f);
    }

    [Fact]
    public void Read_Enlarged_IsBetweenItsNeighbours()
    {
        var png = Encode(2, 1, SKEncodedImageFormat.Png, [0, 0, 0, 100, 100, 100]);

        AssertClose([0, 25, 75, 100], Read(png, Gray(1, 4)), 0.001f);
    }

    [Theory]
    [InlineData(ImageResize.Stretch, new float[] { 200, 200, 200, 200 })]
    [InlineData(ImageResize.Fit, new float[] { 0, 200, 200, 0 })]
    [InlineData(ImageResize.Crop, new float[] { 200, 200, 200, 200 })]
    public void Read_OtherRatio_IsStretchedFittedOrCropped(ImageResize resize, float[] column)
    {
        // The image is twice as wide as high, and the target is a square. A fitted image leaves a quarter of the target black above and
        // below.
        var png = Encode(8, 4, SKEncodedImageFormat.Png, [.. Enumerable.Repeat((byte)200, 8 * 4 * 3)]);

        var pixels = Read(png, Gray(4, 4) with { Resize = resize });

        AssertClose(column, [.. Enumerable.Range(0, 4).Select(row => pixels[row * 4])], 0.001f);
    }

    [Fact]
    public void Read_Cropped_IsTheMiddle()
    {
        byte[] levels = [0, 0, 100, 200, 0, 0];
        var png = Encode(6, 2, SKEncodedImageFormat.Png, [.. levels.Concat(levels).SelectMany(level => Enumerable.Repeat(level, 3))]);

        AssertClose([100, 200, 100, 200], Read(png, Gray(2, 2) with { Resize = ImageResize.Crop }), 0.001f);
    }

    [Fact]
    public void Read_Jpeg_IsNearItsPixels()
    {
        var jpeg =
            Encode(16, 16, SKEncodedImageFormat.Jpeg, [.. Enumerable.Repeat<byte[]>([200, 100, 50], 256).SelectMany(pixel => pixel)]);

        AssertClose([200, 100, 50], Read(jpeg, new ImageSettings { Height = 1, Width = 1, Scale = 1 }), 4);
    }

    /// <summary>
    /// In an image that is not small, a missing part of the last block may be unnoticed. A block has 16 x 16 pixels, and its colors affect
    /// one more pixel.
    /// </summary>
    [Fact]
    public void Read_JpegCutOffAndClosedWithAnEndMarker_IsRefusedUnlessThePixelsAreThere()
    {
        const int Width = 100, Height = 84, Last = 96 - 1, Bottom = 80 - 1;
        var random = new Random(20261129);
        var jpeg = Encode(Width, Height, SKEncodedImageFormat.Jpeg,
            [.. Enumerable.Range(0, Width * Height * 3).Select(i => (byte)((i / 7 % 200) + random.Next(56)))]);
        var settings = new ImageSettings { Height = Height, Width = Width, Scale = 1 };
        var whole = Read(jpeg, settings);
        var refused = 0;
        for (var length = 700; length < jpeg.Length - 2; length += 13)
        {
            try
            {
                var pixels = Read([.. jpeg[..length], 0xFF, 0xD9], settings);
                Assert.All(Enumerable.Range(0, pixels.Length).Where(at => at / Width % Height < Bottom || at % Width < Last), at =>
                    Assert.Equal(whole[at], pixels[at]));
            }
            catch (InferenceException e)
            {
                Assert.StartsWith("The image ends early", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 100, jpeg.Length);
    }

    [Fact]
    public void Read_DeclaredBomb_IsRefusedBeforeAnyPixel()
    {
        // The header declares 60,000 x 60,000 pixels and has a correct checksum. Decoding would need 14 GB.
        var bomb = (byte[])Png.Clone();
        bomb.AsSpan(16, 8).Clear();
        (bomb[18], bomb[19], bomb[22], bomb[23]) = (0xEA, 0x60, 0xEA, 0x60);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), PngChecksum.Compute(bomb.AsSpan(12, 17)));

        AssertInvalid("60000 x 60000 pixels", bomb, Raw);
    }

    [Fact]
    public void Read_TallImageWithinTheLimit_TakesNoMoreThanItsPixels()
    {
        var png = Encode(1, 1_000_000, SKEncodedImageFormat.Png, new byte[3_000_000]);

        Assert.Equal(new float[16], Read(png, Gray(4, 4)));
    }

    [Fact]
    public void Read_LargeImage_IsDecodedByTheRequestsWork()
    {
        var png = Encode(200, 200, SKEncodedImageFormat.Png, new byte[200 * 200 * 3]);

        using var request = ImageReader.Read(png, Model(Gray(4, 4)));

        Assert.Empty(request.Inputs);
        Assert.Throws<OperationCanceledException>(() => request.RemainingWork!(request, new CancellationToken(canceled: true)));
        request.CompleteInputs(CancellationToken.None);
        Assert.Equal(new float[16], request.Inputs[0].Tensor.Values<float>().ToArray());
        Assert.Null(request.RemainingWork);
    }

    [Fact]
    public void Read_NoImage_Throws()
    {
        AssertInvalid("The image is empty. Send the bytes of a PNG, JPEG or WebP file.", [], Raw);
        AssertInvalid("not a PNG, JPEG or WebP file", "GIF89a......"u8.ToArray(), Raw);
        AssertInvalid("The image", Png[..20], Raw);
        AssertInvalid("The image", Png[..^30], Raw);
        var exception = Assert.Throws<InferenceException>(() => ImageReader.Read(Png, Model(null)));
        Assert.Contains("has no \"image\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ModelWhoseFolderHasAProblem_NamesTheProblem()
    {
        var problem = new FileProblem("preprocessor_config.json", 1, 2, "$.resample", "Filter 0 is not supported.");

        var exception = Assert.Throws<InferenceException>(() => ImageReader.Read(Png, Model(null) with { Warnings = [problem] }));

        Assert.Equal($"Model m accepts only tensors: {problem}", exception.Message);
    }

    [Fact]
    public void Read_MutatedFiles_GiveATensorOrInvalidRequest()
    {
        var random = Fuzzing.Random();
        var jpeg =
            Encode(16, 16, SKEncodedImageFormat.Jpeg, [.. Enumerable.Repeat<byte[]>([200, 100, 50], 256).SelectMany(pixel => pixel)]);
        for (var i = 0; i < Fuzzing.Iterations; i++)
        {
            var file = (byte[])(i % 2 == 0 ? Png : jpeg).Clone();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                using var request = ImageReader.Read(file.AsMemory(0, random.Next(file.Length / 2, file.Length + 1)), Model(Raw));
                request.CompleteInputs(CancellationToken.None);
            }
            catch (InferenceException e)
            {
                Assert.Equal(InferenceError.InvalidRequest, e.Error);
            }
        }
    }

    private static ImageSettings Gray(int height, int width) =>
        new() { Height = height, Width = width, Channels = ImageChannels.Gray, Scale = 1 };

    private static float[] Read(byte[] file, ImageSettings settings)
    {
        using var request = ImageReader.Read(file, Model(settings));
        request.CompleteInputs(CancellationToken.None);
        return request.Inputs[0].Tensor.Values<float>().ToArray();
    }

    private static Model Model(ImageSettings? settings, ElementType type = ElementType.Float32)
    {
        var input = new TensorSpec("pixels", type, new Shape(-1, -1, -1, -1), ["n", "a", "b", "c"]);
        return new Model(new ModelId(ModelName.Parse("m"), 1), new ModelSignature([input], [input]),
            ImmutableArray<string>.Empty)
        { Image = settings };
    }

    private static byte[] Encode(int width, int height, SKEncodedImageFormat format, byte[] rgb)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque))
        {
            // All pixels are set in one call, because setting a single pixel takes 0.1 ms.
            Pixels = [.. Enumerable.Range(0, width * height).Select(i => new SKColor(rgb[i * 3], rgb[(i * 3) + 1], rgb[(i * 3) + 2]))],
        };
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }

    private static void AssertInvalid(string message, byte[] file, ImageSettings settings)
    {
        var exception =
            Assert.Throws<InferenceException>(() => ImageReader.Read(file, Model(settings)).CompleteInputs(CancellationToken.None));
        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        AssertText.Contains(message, exception.Message);
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
