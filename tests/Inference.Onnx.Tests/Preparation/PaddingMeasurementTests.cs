using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Testing;

namespace Inference.Onnx.Tests.Preparation;

/// <summary>Whether inputs are padded that requests of different lengths may share runs.</summary>
public sealed class PaddingMeasurementTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Padded tokens have results of their own, which are cut off; or a mask keeps padding out of a mean.</summary>
    [Fact]
    public async Task PrepareAsync_PaddingChangesNoResult_IsAllowed()
    {
        Assert.Null((await PrepareAsync(TestModels.Path("embedder"), "input_ids", "attention_mask")).PaddingObstacle);
        Assert.Null((await PrepareAsync(Write(BatchModels.MaskedMean(masked: true)), "x", "mask")).PaddingObstacle);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PrepareAsync_PaddingChangesAResult_IsNotAndSaysWhich(bool isPooled)
    {
        var verdict = isPooled
            ? await PrepareAsync(Write(BatchModels.MaskedMean(masked: false)), "x", "mask")
            : await PrepareAsync(TestModels.Path("maskless"), "input_ids");

        Assert.Equal(BatchVerdictKind.Proven, verdict.Kind);
        Assert.False(verdict.AllowsPadding);
        Assert.Contains("changes the result", verdict.PaddingObstacle, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_VerdictIsCached_PaddingIsMeasuredAgain()
    {
        var model = TestModels.Path("embedder");
        Assert.True((await PrepareAsync(model, "input_ids", "attention_mask")).AllowsPadding);

        using var runtime = Runtime("input_ids", "attention_mask");
        await using var session = await runtime.LoadAsync(model);

        Assert.Equal((BatchVerdictKind.Proven, false), (session.BatchVerdict.Kind, session.BatchVerdict.AllowsPadding));
        runtime.BeginPreparation();
        await session.Background.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(session.BatchVerdict.AllowsPadding);
    }

    [Fact]
    public async Task PrepareAsync_NoGeneratedInputIsValid_IsNot()
    {
        var verdict = await PrepareAsync(Write(BatchModels.Table(4, first: 1000)), "x");

        Assert.Equal(BatchVerdictKind.NotProven, verdict.Kind);
        Assert.False(verdict.AllowsPadding);
    }

    public void Dispose() => _folder.Dispose();

    private PreparingRuntime Runtime(params string[] padded) => new(_folder.Path)
    {
        Contract = ContractChoice.Proven,
        Padding = BatchingSettings.NoPadding.AddRange(padded.Select(name => KeyValuePair.Create(name, 0f))),
    };

    private async Task<BatchVerdict> PrepareAsync(string model, params string[] padded)
    {
        using var runtime = Runtime(padded);
        await using var session = await runtime.PrepareAsync(model);
        return session.BatchVerdict;
    }

    private string Write(byte[] model)
    {
        var path = _folder.Combine($"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, model);
        return path;
    }
}
