using System.Net;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>
/// Tests models whose runs never end, beside a good model. The runs of one model do not even end when they are cancelled.
/// </summary>
public sealed class StuckModelTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _folder = new();

    public StuckModelTests() => _folder.WriteScaling("good", 1, 2);

    [Fact]
    public async Task WarmUp_NeverReturns_StopsNothingElse_AndTheProcessEndsWithAReason()
    {
        Add("stuck", "1", """{"lifecycle":{"warmup":true},"timeouts":{"warmup":"00:00:05"}}""");
        await using var process = await _folder.ServeAsync();
        var stuck = process.PostAsync("/models/stuck/predict", "{\"features\":[0]}");

        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
        using var response = await stuck;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("timeouts.warmup", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        _folder.WriteScaling("good", 1, 3);
        (await process.PostAsync("/v2/repository/models/good/load", "{}")).EnsureSuccessStatusCode();
        Assert.Equal("[[3,0,0,0]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
        var abandoned = (await process.GetAsync("/status")).GetProperty("compute").GetProperty("leftBehind");
        Assert.StartsWith("warm-up of model stuck/1", Assert.Single(abandoned.EnumerateArray()).GetString(), StringComparison.Ordinal);

        process.Terminate();

        Assert.Equal(70, await process.WaitForExitAsync());
        // The line is on stderr, so lines on stdout may arrive after it.
        Assert.Contains(process.Output.Split('\n'), line =>
            line.StartsWith("The process ends with exit code 70", StringComparison.Ordinal)
            && line.Contains("after the shutdown began: warm-up of model stuck/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NeverReturns_IsNamedAndUnloadingTheModelAddsNoOther()
    {
        Add("stuck", "1", "{}");
        await using var process = await _folder.ServeAsync();
        await LeaveStuckRunAsync(process);

        (await process.PostAsync("/v2/repository/models/stuck/unload", "{}")).EnsureSuccessStatusCode();
        using var again = await process.PostAsync("/models/stuck/predict", "{\"features\":[0]}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, again.StatusCode);
        Assert.Contains("still compute", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var abandoned = (await process.GetAsync("/status")).GetProperty("compute").GetProperty("leftBehind");
        Assert.Equal("1 cancelled run of model stuck/1", Assert.Single(abandoned.EnumerateArray()).GetString());
        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
    }

    [Fact]
    public async Task Replacement_NeverReturns_IsRefused_AndTheReloadsOfOtherModelsGoOn()
    {
        _folder.Write("""{"timeouts":{"comparison":"00:00:05"}}""", "stuck", "model.json");
        _folder.Write(File.ReadAllBytes(TestModels.Path("fixed_one")), "stuck", "1", "model.onnx");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await process.PostJsonAsync("/models/stuck/predict", "{\"features\":[1]}");
        await process.PostJsonAsync("/models/good/predict", Features);

        _folder.Write(File.ReadAllBytes(TestModels.Path("stuck")), "stuck", "1", "model.onnx");
        await process.WaitForOutputAsync("Model stuck/1 loaded in", times: 2);
        _folder.WriteScaling("good", 1, 3);
        await process.WaitUntilAsync(async () =>
            (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString() == "[[3,0,0,0]]");

        Assert.Equal(
            "[[2]]", (await process.PostJsonAsync("/models/stuck/predict", "{\"features\":[1]}")).GetProperty("predictions").ToString());
    }

    [Fact]
    public async Task HigherVersion_NeverReturns_DoesNotTakeOver_AndTheNextOneDoes()
    {
        // The comparison of version 2 takes all of this time. That of version 3 takes less, even on a busy machine.
        _folder.Write("""{"timeouts":{"comparison":"00:00:20"}}""", "good", "model.json");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await process.PostJsonAsync("/models/good/predict", Features);

        TestModels.CopyTo("stuck", _folder.PathOf("good", "2"));
        await process.WaitForOutputAsync("Version 2 does not replace the version in use");
        var versions = (await process.GetAsync("/models/good")).ToString();
        using var load = await process.PostAsync("/v2/repository/models/good/load", "{}");

        Assert.Contains("timeouts.comparison", versions, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, load.StatusCode);
        Assert.Contains("comparison of model good/2", await load.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
        _folder.WriteScaling("good", 3, 3);
        await process.WaitUntilAsync(async () =>
            (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString() == "[[3,0,0,0]]");
    }

    [Fact]
    public async Task Predict_EndlessRunsOfPatientCallersHoldAllSlots_OtherModelsAnswer()
    {
        TestModels.CopyTo("slow", _folder.PathOf("slow", "1"));
        await using var process = await _folder.ServeAsync();
        await process.PostJsonAsync("/models/good/predict", Features);
        await process.PostJsonAsync("/models/slow/predict", Slow(1));
        using var cancellation = new CancellationTokenSource();
        var endless = Enumerable.Range(0, 2 * Environment.ProcessorCount)
            .Select(_ => process.PostAsync("/models/slow/predict", Slow(long.MaxValue), cancellation.Token)).ToArray();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(
                "[[2,0,0,0]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
        }

        Assert.DoesNotContain(endless, request => request.IsCompleted);
        await cancellation.CancelAsync();
        foreach (var request in endless)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await process.PostJsonAsync("/models/slow/predict", Slow(1));
        // The background preparation of a model may use a slot for a moment.
        await process.WaitUntilAsync(async () => (await process.GetAsync("/status")).GetProperty("compute") is var compute
            && compute.GetProperty("used").GetInt32() + compute.GetProperty("lent").GetInt32() == 0);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Starts a run of the stuck model, and cancels its request.</summary>
    private static async Task LeaveStuckRunAsync(FunctionsProcess process)
    {
        int abandoned;
        do
        {
            using var cancellation = new CancellationTokenSource();
            var stuck = process.PostAsync("/models/stuck/predict", "{\"features\":[0]}", cancellation.Token);
            await process.WaitUntilAsync(async () => (await CountStuckRunsAsync(process)).Running == 1);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
            // The server notices later that the caller has cancelled.
            (int Running, int Left) runs = default;
            await process.WaitUntilAsync(async () => (runs = await CountStuckRunsAsync(process)) is { Running: 0 } or { Left: 1 });
            abandoned = runs.Left;
        }
        while (abandoned == 0); // A run that is cancelled before it reaches the endless node ends.
    }

    private static async Task<(int Running, int Left)> CountStuckRunsAsync(FunctionsProcess process)
    {
        var status = await process.GetAsync("/status");
        var running = status.GetProperty("models").EnumerateArray().Where(model => model.GetProperty("model").ValueEquals("stuck"))
            .Sum(model => model.GetProperty("running").GetInt32());
        return (running, status.GetProperty("compute").GetProperty("leftBehind").GetArrayLength());
    }

    private static string Slow(long iterations) => $"{{\"inputs\":{{\"x\":[[5]],\"n\":{iterations}}}}}";

    private void Add(string model, string version, string settings)
    {
        TestModels.CopyTo(model, _folder.PathOf(model, version));
        _folder.Write(settings, model, "model.json");
    }
}
