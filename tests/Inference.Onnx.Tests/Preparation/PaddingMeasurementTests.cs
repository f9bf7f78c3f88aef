using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Testing;

namespace Inference.Onnx.Tests.Preparation;

/// <summary>Tests the decision whether inputs may be padded, so that requests of different lengths can share runs.</summary>
public sealed class PaddingMeasurementTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>
    /// In the first model, padded tokens have separate results, which are removed. In the second model, a mask excludes the padding from a
    /// mean.
    /// </summary>
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

    /// <summary>The inputs of a token model are padded without settings, if the model uses its attention mask as a mask.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PrepareAsync_TokensWithAMask_ArePaddedIfTheModelUsesIt(bool isUsed)
    {
        var model = OnnxText.Compile(
            "in input_ids i64[n,t]; in attention_mask i64[n,t]; const table f32[16,4]; const last i64[1] -1; const second i64[1] 1; "
            + "rows = Gather(table, input_ids); "
            + $"mask = Cast({(isUsed ? "attention_mask" : "input_ids")}) to=1; column = Unsqueeze(mask, last); "
            + $"seen = {(isUsed ? "Mul" : "Add")}(rows, column); vector = ReduceSum(seen, second) keepdims=0; out vector f32[n,4]");

        var verdict = await PrepareAsync(Write(model));

        Assert.Equal((BatchVerdictKind.Proven, isUsed), (verdict.Kind, verdict.AllowsPadding));
        Assert.Equal(isUsed, verdict.PaddingObstacle is null);
    }

    /// <summary>The result is NaN for more than five numbers. NaN stays NaN however the input is padded, which proves nothing.</summary>
    [Fact]
    public async Task PrepareAsync_NoResultIsFinite_IsNot()
    {
        var model = OnnxText.Compile(
            "in x f32[n,t]; const none f32[1] 0; const one f32[1] 1; const most f32[1] 5; const second i64[1] 1; "
            + "zeros = Mul(x, none); ones = Add(zeros, one); length = ReduceSum(ones, second) keepdims=0; rest = Sub(most, length); "
            + "root = Sqrt(rest); out root f32[n]");

        var verdict = await PrepareAsync(Write(model), "x");

        Assert.Equal((BatchVerdictKind.Proven, false), (verdict.Kind, verdict.AllowsPadding));
        Assert.Contains("too few", verdict.PaddingObstacle, StringComparison.Ordinal);
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
        await session.Background.WaitAsync(WaitLimit.Step);
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
