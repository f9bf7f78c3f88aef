using Inference.Onnx.Cache;
using Inference.Testing;

namespace Inference.Onnx.Tests.Cache;

public sealed class CacheKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task OfFile_ReplacedByOneOfTheSameLengthAndTime_IsAnother()
    {
        // Only Linux tells when an inode changed.
        if (!OperatingSystem.IsLinux())
            return;
        OnnxEnvironment.EnsureCreated();
        var path = _folder.Combine("model.onnx");
        await File.WriteAllTextAsync(path, "one");
        var written = File.GetLastWriteTimeUtc(path);
        var before = CacheKey.OfFile(path);

        await File.WriteAllTextAsync(path, "two");
        File.SetLastWriteTimeUtc(path, written);

        Assert.NotEqual(before, CacheKey.OfFile(path));
        Assert.Equal(CacheKey.OfFile(path), CacheKey.OfFile(path));
    }

    [Fact]
    public void OfContent_SameModelElsewhere_IsTheSame()
    {
        OnnxEnvironment.EnsureCreated();
        var path = _folder.Combine("copy.onnx");
        File.Copy(TestModels.Path("image"), path);

        var key = CacheKey.OfContent(path, CancellationToken.None);

        Assert.True(CacheKey.IsValid(key));
        Assert.Equal(CacheKey.OfContent(TestModels.Path("image"), CancellationToken.None), key);
        Assert.NotEqual(CacheKey.OfContent(TestModels.Path("scalar"), CancellationToken.None), key);
    }

    [Fact]
    public void OfContent_ExternalData_HasNone() =>
        Assert.Null(CacheKey.OfContent(TestModels.Path("external"), CancellationToken.None));

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(3)]
    public async Task OfContent_ExternalDataAcrossTwoReads_HasNone(int shift)
    {
        var path = _folder.Combine("long.onnx");
        var content = new byte[(1 << 21) + 100];
        "\n\u0008location"u8.CopyTo(content.AsSpan((1 << 20) + shift));
        await File.WriteAllBytesAsync(path, content);

        Assert.Null(CacheKey.OfContent(path, CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();
}
