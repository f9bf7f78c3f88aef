using Inference.Models.Files;
using Inference.Testing;

namespace Inference.Onnx.Tests.Cache;

/// <summary>Tests that the cache keeps the results of trusted models apart from the results of other models.</summary>
public sealed class TrustScopeTests : IDisposable
{
    private static readonly string Same = TestModels.Path("identity_float");
    private static readonly string Logarithm = TestModels.Path("not_finite");
    private static readonly ModelDigest Digest = new("model.sig", new string('a', 64));

    private readonly TempFolder _cache = new();

    [Theory]
    [InlineData("signed-1")]
    [InlineData("signed-2")]
    [InlineData("listed")]
    public async Task LoadAsync_GraphWasCachedBeforeThePublicKeyWasSet_IsNotUsed(string scope)
    {
        await PrepareAsync("");
        await PrepareAsync("signed-3");
        // Replaces the graph by the graph of another model. The result of a run then shows which of the two was used.
        await PlantAsync("optimized");
        await PlantAsync("optimized-signed-3");

        using var runtime = new PreparingRuntime(_cache.Path, scope: scope);
        await using var session = await runtime.PrepareAsync(Same);

        Assert.Equal(1, await PreparingRuntime.RunAsync(session, 1));
    }

    [Fact]
    public async Task LoadAsync_SignedFilesInAnotherFolder_UseCachedResults()
    {
        File.Copy(Same, _cache.Combine("first.onnx"));
        File.Copy(Same, _cache.Combine("second.onnx"));
        using var first = new PreparingRuntime(_cache.Path, scope: "signed-1") { Digest = Digest };
        await (await first.PrepareAsync(_cache.Combine("first.onnx"))).DisposeAsync();

        using var second = new PreparingRuntime(_cache.Path, scope: "signed-1") { Digest = Digest };
        await using var session = await second.LoadAsync(_cache.Combine("second.onnx"));

        Assert.True(session.Background.IsCompleted);
    }

    public void Dispose() => _cache.Dispose();

    private async Task PrepareAsync(string scope)
    {
        using var runtime = new PreparingRuntime(_cache.Path, scope: scope);
        await (await runtime.PrepareAsync(Same)).DisposeAsync();
    }

    /// <summary>
    /// Prepares the other model in a separate cache. Then replaces the graph in the folder and its hash by those of the other model.
    /// </summary>
    private async Task PlantAsync(string folder)
    {
        using var elsewhere = new TempFolder();
        using var runtime = new PreparingRuntime(elsewhere.Path);
        await (await runtime.PrepareAsync(Logarithm)).DisposeAsync();
        var otherPath = Assert.Single(Directory.GetFiles(elsewhere.Combine("optimized"), "*.entry"));
        var otherEntry = (await File.ReadAllTextAsync(otherPath)).Split(' ');
        var entry = Assert.Single(Directory.GetFiles(_cache.Combine(folder), "*.entry"));
        var own = (await File.ReadAllTextAsync(entry)).Split(' ');
        own[1] = otherEntry[1];
        await File.WriteAllTextAsync(entry, string.Join(' ', own));
        File.Copy(
            Assert.Single(Directory.GetFiles(elsewhere.Combine("optimized"), "*.ort")),
            Assert.Single(Directory.GetFiles(_cache.Combine(folder), "*.ort")), overwrite: true);
    }
}
