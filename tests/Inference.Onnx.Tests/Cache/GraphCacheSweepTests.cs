using Inference.Testing;

namespace Inference.Onnx.Tests.Cache;

/// <summary>
/// Tests which files are removed from the cache. The models compute y = x and y = log x, and have the same inputs and outputs.
/// </summary>
public sealed class GraphCacheSweepTests : IDisposable
{
    private readonly TempFolder _cache = new();

    [Fact]
    public async Task PrepareAsync_FilesUnusedForAMonth_AreRemovedAndOthersStay()
    {
        await PrepareAsync("not_finite");
        var unused = Age();
        await PrepareAsync("identity_float");
        var used = Age();
        await PrepareAsync("identity_float");

        await PrepareAsync("not_finite");

        Assert.Equal(3, used.Length);
        Assert.Empty(used.Intersect(unused));
        Assert.All(used, file => Assert.True(File.Exists(file), file));
        Assert.Equal(unused.Order(), Files().Except(used).Order());
    }

    [Fact]
    public async Task PrepareAsync_UnusedForAMonth_IsDeletedWithTheNextModel()
    {
        await PrepareAsync("not_finite");
        var unused = Age();

        await PrepareAsync("identity_float");

        Assert.All(unused, file => Assert.False(File.Exists(file), file));
    }

    public void Dispose() => _cache.Dispose();

    private string[] Files() => Directory.GetFiles(_cache.Combine("optimized"));

    private string[] Age()
    {
        foreach (var file in Files())
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-31));
        return Files();
    }

    private async Task PrepareAsync(string model)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.PrepareAsync(TestModels.Path(model));
    }
}
