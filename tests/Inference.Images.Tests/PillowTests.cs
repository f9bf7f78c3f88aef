using System.Buffers.Binary;
using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Images.Tests;

/// <summary>Compares the images of Pillow/make_images.py with the pixels that Pillow reads from them.</summary>
public sealed class PillowTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Pillow");

    public static TheoryData<string> Files =>
        [.. new DirectoryInfo(Folder)
            .EnumerateFiles("*.rgb").Select(file => Path.GetFileNameWithoutExtension(file.Name)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_File_HasPillowsPixels(string name)
    {
        var (file, width, height, expected) = Load(name);

        var pixels = Read(file, width, height);

        var difference = expected.Zip(pixels, (one, other) => Math.Abs(one - other)).Max();
        Assert.InRange(difference, 0, 1);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_EveryPrefix_IsRefusedOrHasAllPixels(string name)
    {
        var (file, width, height, _) = Load(name);
        var whole = Read(file, width, height);
        for (var length = 0; length < file.Length; length++)
        {
            try
            {
                Assert.Equal(whole, Read(file[..length], width, height));
                // Only the end of a JPEG may be missing. The other formats say where the file ends.
                Assert.EndsWith(".jpg", name, StringComparison.Ordinal);
                Assert.InRange(file.Length - length, 1, 40);
            }
            catch (InferenceException e)
            {
                Assert.Equal(InferenceError.InvalidRequest, e.Error);
            }
        }
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("noise.jpg")]
    [InlineData("noiseprogressive.jpg")]
    public void Read_JpegWithoutItsEndMarker_HasAllPixels(string name)
    {
        var (file, width, height, _) = Load(name);

        Assert.Equal(Read(file, width, height), Read(file[..^2], width, height));
        Assert.Equal(Read(file, width, height), Read(file[..^1], width, height));
    }

    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("lossy.webp")]
    [InlineData("lossless.webp")]
    [InlineData("deep.png")]
    [InlineData("interlaced.png")]
    public void Read_TruncatedFile_EndsEarly(string name)
    {
        var (file, width, height, _) = Load(name);

        // Only a tenth is cut off, because the headers are a large part of these small files.
        var error = Assert.Throws<InferenceException>(() => Read(file[..(file.Length * 9 / 10)], width, height));

        Assert.Equal("The image ends early: the file is incomplete. Send all of its bytes.", error.Message);
    }

    /// <summary>The missing bytes are checksums and the last chunk, so the pixels are complete.</summary>
    [Theory]
    [InlineData("deep.png", 1)]
    [InlineData("interlaced.png", 12)]
    [InlineData("palette.png", 16)]
    [InlineData("orientation6.png", 20)]
    public void Read_PngWithoutItsLastBytes_EndsEarly(string name, int missing)
    {
        var (file, width, height, _) = Load(name);

        var error = Assert.Throws<InferenceException>(() => Read(file[..^missing], width, height));

        Assert.StartsWith("The image ends early", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A request may have many images, so the error names the image that failed.</summary>
    [Theory]
    [InlineData("baseline.jpg", 90)]
    [InlineData("progressive.jpg", 90)]
    [InlineData("lossy.webp", 90)]
    [InlineData("deep.png", 90)]
    [InlineData("deep.png", 2)]
    public void AddDecodingWork_TruncatedFileAfterAWholeFile_IsNamed(string name, int percent)
    {
        var (file, width, height, _) = Load(name);
        using var files = new TensorBuilder(ElementType.Bytes);
        files.AppendBytes(file);
        files.AppendBytes(file.AsSpan(0, file.Length * percent / 100));
        using var request = new PredictionRequest();
        request.Inputs.Add(new RequestInput("pixels", files.Build(new Shape(2)), "features"));
        ImageReader.AddDecodingWork(request, CreateModel(width, height));

        var error = Assert.Throws<InferenceException>(() => request.CompleteInputs(CancellationToken.None));

        Assert.StartsWith("features[1] ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Some proxies and programs add an end marker to a file that was cut off.</summary>
    [Theory]
    [InlineData("baseline.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("noise.jpg")]
    [InlineData("noiseprogressive.jpg")]
    [InlineData("gray.jpg")]
    public void Read_EveryPrefixWithAnEndMarker_IsRefusedOrHasAllPixels(string name)
    {
        var (file, width, height, _) = Load(name);
        var whole = Read(file, width, height);
        for (var length = 0; length < file.Length - 2; length++)
        {
            try
            {
                Assert.Equal(whole, Read([.. file[..length], 0xFF, 0xD9], width, height));
                Assert.InRange(file.Length - length, 1, 40);
            }
            catch (InferenceException e)
            {
                Assert.Equal(InferenceError.InvalidRequest, e.Error);
            }
        }
    }

    [Theory]
    [InlineData("progressive.jpg")]
    [InlineData("noiseprogressive.jpg")]
    public void Read_ProgressiveJpegWithoutItsLastScansAndAnEndMarker_EndsEarly(string name)
    {
        var (file, width, height, _) = Load(name);
        var lastScan = file.AsSpan().LastIndexOf((byte[])[0xFF, 0xDA]);

        var error = Assert.Throws<InferenceException>(() => Read([.. file[..lastScan], 0xFF, 0xD9], width, height));

        Assert.StartsWith("The image ends early", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OrientationNotApplied_IsAsStored()
    {
        var (file, width, height, upright) = Load("orientation6.png");

        var stored = Read(file, height, width, settings => settings with { AppliesOrientation = false });

        // A clockwise turn by 90 degrees makes the stored image upright, so the last stored row becomes the first column.
        Assert.Equal(upright[0], stored[(width - 1) * height * 3]);
        Assert.Equal(upright[^1], stored[(height * 3) - 1]);
    }

    /// <summary>Some programs write the identifier of a JPEG's EXIF data into other files too, and Pillow skips it.</summary>
    [Theory]
    [InlineData("orientation6.png")]
    [InlineData("orientation6.webp")]
    public void Read_IdentifierBeforeTheExifData_IsSkipped(string name)
    {
        var (file, width, height, _) = Load(name);

        Assert.Equal(Read(file, width, height), Read(AddExifIdentifier(file), width, height));
    }

    [Theory]
    [InlineData(ImageResize.Fit)]
    [InlineData(ImageResize.Crop)]
    public void Read_Orientation_IsAppliedBeforeTheImageIsFitted(ImageResize resize)
    {
        var expected = Read(Load("orientation1.jpg").File, 9, 13, settings => settings with { Resize = resize });
        for (var value = 2; value <= 8; value++)
        {
            // All files store the same pixels and differ in their orientation. So the results have the same values, in another order.
            var turned = Read(Load($"orientation{value}.jpg").File, value < 5 ? 9 : 13, value < 5 ? 13 : 9, settings =>
                settings with { Resize = resize });
            Assert.Equal(expected.Order().Select(pixel => MathF.Round(pixel)), turned.Order().Select(pixel => MathF.Round(pixel)));
        }
    }

    /// <summary>Inserts the identifier into a PNG or WebP with little EXIF data, and corrects the lengths and the checksum.</summary>
    private static byte[] AddExifIdentifier(byte[] file)
    {
        const byte Size = 6;
        var start = file.AsSpan().IndexOf("MM\0*"u8);
        byte[] changed = [.. file[..start], .. "Exif\0\0"u8, .. file[start..]];
        if (changed.AsSpan().StartsWith("RIFF"u8))
        {
            changed[4] += Size;
            changed[start - 4] += Size;
            return changed;
        }

        changed[start - 5] += Size;
        var end = start + changed[start - 5];
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(end), PngChecksum.Compute(changed.AsSpan(start - 4, end - start + 4)));
        return changed;
    }

    private static (byte[] File, int Width, int Height, byte[] Pixels) Load(string name)
    {
        var pixels = File.ReadAllBytes(Path.Combine(Folder, $"{name}.rgb"));
        return (
            File.ReadAllBytes(Path.Combine(Folder, name)),
            BinaryPrimitives.ReadUInt16LittleEndian(pixels),
            BinaryPrimitives.ReadUInt16LittleEndian(pixels.AsSpan(2)),
            pixels[4..]);
    }

    private static float[] Read(byte[] file, int width, int height, Func<ImageSettings, ImageSettings>? change = null)
    {
        using var request = ImageReader.Read(file, CreateModel(width, height, change));
        request.CompleteInputs(CancellationToken.None);
        return request.Inputs[0].Tensor.Values<float>().ToArray();
    }

    private static Model CreateModel(int width, int height, Func<ImageSettings, ImageSettings>? change = null)
    {
        var settings = new ImageSettings { Width = width, Height = height, Layout = ImageLayout.Nhwc, Scale = 1 };
        var input = new TensorSpec("pixels", ElementType.Float32, new Shape(-1, -1, -1, -1), ["n", "a", "b", "c"]);
        return new Model(new ModelId(ModelName.Parse("m"), 1), new ModelSignature([input], [input]), ImmutableArray<string>.Empty)
        {
            Image = change?.Invoke(settings) ?? settings,
        };
    }
}
