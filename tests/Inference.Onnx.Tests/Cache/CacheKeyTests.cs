using Inference.Models;
using Inference.Onnx.Cache;
using Inference.Onnx.Native;
using Inference.Testing;

namespace Inference.Onnx.Tests.Cache;

public sealed class CacheKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [LinuxFact("other systems do not tell when an inode changed.")]
    public async Task ForFile_ReplacedByAFileOfEqualLengthAndTime_Differs()
    {
        OnnxEnvironment.EnsureCreated();
        var path = _folder.Combine("model.onnx");
        await File.WriteAllTextAsync(path, "one");
        var before = CacheKey.ForFile(path);

        HiddenWrite.Overwrite(path, "two"u8.ToArray());

        Assert.NotEqual(before, CacheKey.ForFile(path));
        Assert.Equal(CacheKey.ForFile(path), CacheKey.ForFile(path));
    }

    [Fact]
    public void OfContent_SameModelElsewhere_IsTheSame()
    {
        OnnxEnvironment.EnsureCreated();
        var path = _folder.Combine("copy.onnx");
        File.Copy(TestModels.Path("image"), path);

        var content = CacheKey.TryReadContent(path, CancellationToken.None)!;

        Assert.True(CacheKey.IsValid(content.Key));
        Assert.Equal("", content.ExternalFileNames);
        Assert.Equal(CacheKey.TryReadContent(TestModels.Path("image"), CancellationToken.None), content);
        Assert.NotEqual(CacheKey.TryReadContent(TestModels.Path("scalar"), CancellationToken.None), content);
    }

    [Fact]
    public async Task OfContent_ExternalData_CountsAsContent()
    {
        OnnxEnvironment.EnsureCreated();
        TestModels.CopyTo("external", _folder.Path);
        var model = _folder.Combine(ModelVersion.ModelFileName);
        var before = CacheKey.TryReadContent(model, CancellationToken.None);
        Assert.Equal("external.bin", before?.ExternalFileNames);

        var values = await File.ReadAllBytesAsync(_folder.Combine("external.bin"));
        values[^1] ^= 1;
        await File.WriteAllBytesAsync(_folder.Combine("external.bin"), values);

        var after = CacheKey.TryReadContent(model, CancellationToken.None);
        Assert.NotEqual(before?.Key, after?.Key);
        Assert.NotNull(after);
    }

    [Fact]
    public void OfContent_ExternalDataAreMissing_HasNone()
    {
        TestModels.CopyTo("external", _folder.Path);
        File.Delete(_folder.Combine("external.bin"));

        Assert.Null(CacheKey.TryReadContent(_folder.Combine(ModelVersion.ModelFileName), CancellationToken.None));
    }

    [Theory]
    [InlineData(-12)]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(3)]
    public async Task OfContent_ExternalDataAcrossTwoReads_AreFound(int shift)
    {
        OnnxEnvironment.EnsureCreated();
        var path = _folder.Combine("long.onnx");
        await File.WriteAllTextAsync(_folder.Combine("weights"), "some");
        var content = new byte[(1 << 21) + 100];
        "\n\u0008location\u0012\u0007weights"u8.CopyTo(content.AsSpan((1 << 20) + shift));
        await File.WriteAllBytesAsync(path, content);

        Assert.Equal("weights", CacheKey.TryReadContent(path, CancellationToken.None)?.ExternalFileNames);
    }

    [Theory]
    [InlineData("\n\u0008location\u0012\u0009../secret")]
    [InlineData("\n\u0008location\u0012\u0000")]
    [InlineData("\n\u0008location")]
    public async Task OfContent_ExternalDataElsewhere_HasNone(string text)
    {
        OnnxEnvironment.EnsureCreated();
        Directory.CreateDirectory(_folder.Combine("model"));
        await File.WriteAllTextAsync(_folder.Combine("secret"), "some");
        await File.WriteAllTextAsync(_folder.Combine("model", "model.onnx"), text);

        Assert.Null(CacheKey.TryReadContent(_folder.Combine("model", "model.onnx"), CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();
}
