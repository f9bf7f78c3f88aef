using System.Runtime.Versioning;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Preparation;
using Inference.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests.Cache;

/// <summary>
/// Tests the files that the runtime writes to its cache and reads from it. The models compute y = x and y = log x, and have the same inputs
/// and outputs.
/// </summary>
public sealed class OptimizedGraphCacheTests : IDisposable
{
    private static readonly string Same = TestModels.Path("identity_float");
    private static readonly string Logarithm = TestModels.Path("not_finite");

    private readonly TempFolder _cache = new();

    private string Folder => _cache.Combine("optimized");

    [Fact]
    public async Task LoadAsync_GraphIsCached_RunsTheGraphAndNotTheModel()
    {
        await PrepareAsync(Logarithm);
        var logarithm = await File.ReadAllBytesAsync(OnlyFile("*.ort"));
        var hash = OnlyEntry().GraphHash;
        Clear();
        await PrepareAsync(Same);
        await File.WriteAllBytesAsync(OnlyFile("*.ort"), logarithm);
        await File.WriteAllTextAsync(OnlyFile("*.entry"), (OnlyEntry() with { GraphHash = hash }).ToString());

        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(Same);

        Assert.Equal(0, await PreparingRuntime.RunAsync(session, 1));
        Assert.True(session.Background.IsCompleted);
    }

    [Fact]
    public async Task LoadAsync_First_IsNotWaitingForTheGraph()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(Same);

        Assert.Equal(3, await PreparingRuntime.RunAsync(session, 3));
        Assert.False(session.Background.IsCompleted);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task LoadAsync_ModelReplacedUnderItsName_ServesTheNewOne()
    {
        var path = _cache.Combine("model.onnx");
        File.Copy(Same, path);
        await PrepareAsync(path);
        File.Copy(Logarithm, path, overwrite: true);

        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(path);

        Assert.Equal(0, await PreparingRuntime.RunAsync(session, 1));
    }

    [Fact]
    public async Task LoadAsync_ModelReplacedWhileItIsPrepared_KeepsNothing()
    {
        var path = _cache.Combine("model.onnx");
        File.Copy(Same, path);
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(path);
        File.Copy(Logarithm, path, overwrite: true);

        runtime.BeginPreparation();
        await session.Background;

        Assert.Empty(Directory.GetFiles(Folder, "*.link"));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("one bit")]
    [InlineData("foreign")]
    [InlineData("gone")]
    [InlineData("entry")]
    [InlineData("link")]
    public async Task LoadAsync_CacheIsDamaged_LoadsTheModelAndMakesTheGraphAgain(string damage)
    {
        await PrepareAsync(Same);
        CacheDamage.Apply(damage, OnlyFile("*.ort"), OnlyFile("*.entry"), OnlyFile("*.link"));

        using (var runtime = new PreparingRuntime(_cache.Path))
        {
            await using var session = await runtime.PrepareAsync(Same);
            Assert.Equal(3, await PreparingRuntime.RunAsync(session, 3));
            Assert.DoesNotContain(runtime.Logged, line => line.Level >= LogLevel.Warning);
        }

        using var next = new PreparingRuntime(_cache.Path);
        await using var later = await next.LoadAsync(Same);
        Assert.True(later.Background.IsCompleted);
        Assert.DoesNotContain(next.Logged, line => line.Level >= LogLevel.Information);
        Assert.Equal(3, await PreparingRuntime.RunAsync(later, 3));
    }

    [Fact]
    public async Task LoadAsync_EmptyGraphWithValidHash_LoadsTheModel()
    {
        await PrepareAsync(Same);
        await File.WriteAllTextAsync(OnlyFile("*.ort"), "");
        // The XXH128 hash of an empty file.
        await File.WriteAllTextAsync(OnlyFile("*.entry"), (OnlyEntry() with { GraphHash = "99aa06d3014798d86001c324468d497f" }).ToString());

        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(Same);

        Assert.Equal(3, await PreparingRuntime.RunAsync(session, 3));
        Assert.Contains(runtime.Logged, line => line.Text.Contains("is deleted and will be created again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task IsCorrectAsync_GraphOfAnotherModel_IsFalse()
    {
        await PrepareAsync(Logarithm);
        var graph = OnlyFile("*.ort");
        using var runtime = new PreparingRuntime(_cache.Combine("other"));
        await using var same = await runtime.LoadAsync(Same);
        await using var logarithm = await runtime.LoadAsync(Logarithm);

        // The time stands still, so that no run on a busy machine takes too long.
        var runs = new TrialRuns(runtime.Governor, new FakeTimeProvider());
        Assert.False(await OptimizedGraph.IsCorrectAsync(graph, TestModels.Id("same"), same, runs, CancellationToken.None));
        Assert.True(await OptimizedGraph.IsCorrectAsync(graph, TestModels.Id("logarithm"), logarithm, runs, CancellationToken.None));
    }

    /// <summary>
    /// Weights in the file are not aligned, which makes runs slower. So only the lean profile uses the weights directly from the file.
    /// </summary>
    [LinuxTheory("/proc lists the mapped files.")]
    [InlineData(MemoryProfile.Latency, false)]
    [InlineData(MemoryProfile.Balanced, false)]
    [InlineData(MemoryProfile.Lean, true)]
    public async Task Open_MemoryProfile_DecidesWhetherWeightsStayInTheFile(MemoryProfile profile, bool isMapped)
    {
        await PrepareAsync(Same);
        var graph = OnlyFile("*.ort");

        using var session = OptimizedGraph.Open(graph, profile, threads: 1, zeroesMemory: false, CancellationToken.None);

        Assert.Equal(isMapped, (await File.ReadAllTextAsync("/proc/self/maps")).Contains(graph, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PrepareAsync_SeveralProcesses_OneCacheThatServesThemAll()
    {
        var runtimes = Enumerable.Range(0, 4).Select(_ => new PreparingRuntime(_cache.Path)).ToList();
        var sessions = await Task.WhenAll(runtimes.Select(runtime => Task.Run(() => runtime.PrepareAsync(Same))));

        using var next = new PreparingRuntime(_cache.Path);
        await using var session = await next.LoadAsync(Same);

        Assert.True(session.Background.IsCompleted);
        Assert.DoesNotContain(runtimes.Append(next).SelectMany(runtime => runtime.Logged), line => line.Level >= LogLevel.Warning);
        Assert.Equal([".entry", ".link", ".ort"], Directory.GetFiles(Folder).Select(Path.GetExtension).Order(StringComparer.Ordinal));
        foreach (var loaded in sessions)
            await loaded.DisposeAsync();
        foreach (var runtime in runtimes)
            runtime.Dispose();
    }

    [Fact]
    public async Task LoadAsync_SameModelElsewhere_UsesTheSameGraph()
    {
        await PrepareAsync(Same);
        var copy = _cache.Combine("copy.onnx");
        File.Copy(Same, copy);
        await PrepareAsync(copy);

        Assert.Single(Directory.GetFiles(Folder, "*.ort"));
        Assert.Equal(2, Directory.GetFiles(Folder, "*.link").Length);
    }

    [Fact]
    public async Task LoadAsync_ExternalData_HasAPlanWithoutAGraph()
    {
        await PrepareAsync(TestModels.Path("external"));

        Assert.Null(OnlyEntry().GraphHash);
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("external"));
        Assert.True(session.Background.IsCompleted);
    }

    [Fact]
    public async Task LoadAsync_ExternalDataHaveChanged_KnowsNothing()
    {
        TestModels.CopyTo("external", _cache.Combine("model"));
        var model = _cache.Combine("model", "model.onnx");
        await PrepareAsync(model);
        var values = await File.ReadAllBytesAsync(_cache.Combine("model", "external.bin"));
        values[^1] ^= 1;
        await File.WriteAllBytesAsync(_cache.Combine("model", "external.bin"), values);

        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(model);

        Assert.False(session.Background.IsCompleted);
    }

    [Fact]
    public async Task LoadAsync_ModelTakesStrings_HasAnEntryWithoutAGraph()
    {
        await PrepareAsync(TestModels.Path("identity_string"));

        Assert.Null(OnlyEntry().GraphHash);
        Assert.Empty(Directory.GetFiles(Folder, "*.ort"));
    }

    [Theory]
    [InlineData("no folder")]
    [InlineData("not writable")]
    [InlineData("others may write")]
    public async Task LoadAsync_CacheCannotBeUsed_LoadsWithOneWarning(string fault)
    {
        var folder = _cache.Combine("cache");
        if (fault == "no folder")
            await File.WriteAllTextAsync(folder, "");
        else
            Directory.CreateDirectory(folder);
        if (fault == "not writable")
            await File.WriteAllTextAsync(Path.Combine(folder, "optimized"), "");
        if (fault == "others may write" && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherWrite);

        using var runtime = new PreparingRuntime(folder);
        for (var i = 0; i < 2; i++)
        {
            await using var session = await runtime.PrepareAsync(Same);
            Assert.Equal(3, await PreparingRuntime.RunAsync(session, 3));
        }

        Assert.Single(runtime.Logged, line => line.Level == LogLevel.Warning);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_AreForThisUserAlone()
    {
        await PrepareAsync(Same);

        foreach (var file in Directory.GetFiles(Folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Dispose_WhileTheGraphIsMade_EndsThatAndLeavesNoTemporaryFile()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        for (var i = 0; i < 10; i++)
        {
            var session = await runtime.LoadAsync(TestModels.Path("heavy"));
            runtime.BeginPreparation();
            await session.DisposeAsync();

            Assert.True(session.Background.IsCompletedSuccessfully);
            Assert.Empty(Directory.GetFiles(Folder, ".*"));
        }

        Assert.DoesNotContain(runtime.Logged, line => line.Level >= LogLevel.Warning);
    }

    public void Dispose() => _cache.Dispose();

    private async Task PrepareAsync(string path)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.PrepareAsync(path);
        Assert.DoesNotContain(runtime.Logged, line => line.Level >= LogLevel.Warning);
    }

    private void Clear()
    {
        foreach (var file in Directory.GetFiles(Folder))
            File.Delete(file);
    }

    private string OnlyFile(string pattern) => Assert.Single(Directory.GetFiles(Folder, pattern));

    private CacheEntry OnlyEntry()
    {
        Assert.True(CacheEntry.TryParse(File.ReadAllText(OnlyFile("*.entry")), out var entry));
        return entry;
    }
}
