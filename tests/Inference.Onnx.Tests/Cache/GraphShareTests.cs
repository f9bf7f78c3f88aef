using Inference.Models;
using Inference.Repository;
using Inference.Repository.Trust;
using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Tests.Cache;

/// <summary>Tests two instances that have separate caches and share a folder of models.</summary>
public sealed class GraphShareTests : IDisposable
{
    private readonly TempFolder _models = new();
    private readonly TempFolder _first = new();
    private readonly TempFolder _second = new();
    private readonly string _model;

    public GraphShareTests()
    {
        _model = _models.Combine("model.onnx");
        File.Copy(TestModels.Path("two_in_two_out"), _model);
    }

    [Fact]
    public async Task LoadAsync_AnotherInstanceHasPreparedIt_TakesItsGraphAndPlan()
    {
        var plan = await PrepareAsync();

        using var runtime =
            new PreparingRuntime(_second.Path, new DirectoryModelStore(_models.Path, TrustPolicy.Default, _models.Combine("cache")));
        await using var session = await runtime.LoadAsync(_model);

        Assert.Equal(plan, session.Plan);
        Assert.True(session.Background.IsCompleted);
        Assert.Single(Directory.GetFiles(_second.Combine("optimized"), "*.ort"));
    }

    [Fact]
    public async Task LoadAsync_SharedPlanWantsMoreThreadsThanThereAre_TakesNoMoreThanThereAre()
    {
        await PrepareAsync();
        var file = Assert.Single(Directory.GetFiles(_models.Combine(ISharedFiles.Folder), "*.entry"));
        var fields = (await File.ReadAllTextAsync(file)).Split(' ');
        fields[2] = "1000";
        await File.WriteAllTextAsync(file, string.Join(' ', fields));

        using var runtime =
            new PreparingRuntime(_second.Path, new DirectoryModelStore(_models.Path, TrustPolicy.Default, _models.Combine("cache")));
        await using var session = await runtime.LoadAsync(_model);

        Assert.Equal(PreparingRuntime.Slots, session.Plan.Threads);
    }

    [Theory]
    [InlineData("*.ort")]
    [InlineData("*.entry")]
    public async Task LoadAsync_SharedFilesAreDamaged_LoadsAndPreparesTheModel(string damaged)
    {
        await PrepareAsync();
        foreach (var file in Directory.GetFiles(_models.Combine(ISharedFiles.Folder), damaged))
            await File.WriteAllTextAsync(file, "damaged");

        using var runtime =
            new PreparingRuntime(_second.Path, new DirectoryModelStore(_models.Path, TrustPolicy.Default, _models.Combine("cache")));
        await using var session = await runtime.PrepareAsync(_model);

        Assert.Single(Directory.GetFiles(_second.Combine("optimized"), "*.entry"));
        Assert.DoesNotContain(Directory.GetFiles(_models.Combine(ISharedFiles.Folder)), file =>
            new FileInfo(file).Length == "damaged".Length);
    }

    [Fact]
    public async Task LoadAsync_ShareCannotBeUsed_LoadsAndSaysSo()
    {
        await File.WriteAllTextAsync(_models.Combine(ISharedFiles.Folder), "a file where the folder would be");

        using var runtime =
            new PreparingRuntime(_first.Path, new DirectoryModelStore(_models.Path, TrustPolicy.Default, _models.Combine("cache")));
        await using var session = await runtime.PrepareAsync(_model);

        Assert.Contains(runtime.Logged, entry =>
            entry.Level == LogLevel.Warning && entry.Text.Contains("not shared", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _models.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private async Task<ExecutionPlan> PrepareAsync()
    {
        using var runtime =
            new PreparingRuntime(_first.Path, new DirectoryModelStore(_models.Path, TrustPolicy.Default, _models.Combine("cache")));
        await using var session = await runtime.PrepareAsync(_model);
        return session.Plan;
    }
}
