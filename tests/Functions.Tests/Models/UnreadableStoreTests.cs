using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests folders that become partly unreadable, empty or missing while the real executable serves their models.</summary>
public sealed class UnreadableStoreTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _folder = new();

    [Fact]
    public async Task Start_OneModelCannotBeRead_TheOthersAreServedAndReloaded()
    {
        _folder.WriteScaling("good", 1, 2);
        File.CreateSymbolicLink(_folder.PathOf("bad"), "bad");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));

        Assert.Equal("[[2,0,0,0]]", await PredictAsync(process, "good"));
        await process.WaitUntilAsync(async () => (await ReadyAsync(process)).Status == HttpStatusCode.OK);
        var models = (await process.GetAsync("/models"))
            .GetProperty("models").EnumerateArray().ToDictionary(model => model.GetProperty("name").GetString()!);
        Assert.Equal(1, models["good"].GetProperty("versions").GetArrayLength());
        Assert.Contains("leads nowhere", models["bad"].GetProperty("reason").GetString(), StringComparison.Ordinal);

        _folder.WriteScaling("good", 2, 3);
        await process.WaitUntilAsync(async () => await PredictAsync(process, "good") == "[[3,0,0,0]]");
    }

    [Fact]
    public async Task Poll_ALoadedModelCannotBeReadAnyMore_ItServesOnWithTheReason()
    {
        foreach (var model in (string[])["a", "b", "c"])
            _folder.WriteScaling(model, 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await PredictAsync(process, "a");
        Directory.Move(_folder.PathOf("a"), _folder.PathOf(".a"));
        File.CreateSymbolicLink(_folder.PathOf("a"), "a");

        await process.WaitForOutputAsync("Model a cannot be listed");
        await Task.Delay(TimeSpan.FromSeconds(3));

        Assert.Equal("[[2,0,0,0]]", await PredictAsync(process, "a"));
        var version = (await process.GetAsync("/models/a")).GetProperty("versions")[0];
        Assert.Equal("ready", version.GetProperty("state").GetString());
        Assert.Contains("leads nowhere", version.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    /// <summary>
    /// A mount point without its volume is an empty folder. The folder is missing when the volume of its parent is missing.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Poll_TheRootIsEmptyOrMissing_LoadedModelsServeOnAndReadinessNamesTheReason(bool isEmpty)
    {
        _folder.WriteScaling("loaded", 1, 2);
        _folder.WriteScaling("other", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await PredictAsync(process, "loaded");
        Directory.Move(_folder.Path, _folder.Path + "-away");
        if (isEmpty)
            Directory.CreateDirectory(_folder.Path);

        var expected = isEmpty ? "Check the volume of Models__Source." : "does not respond. GET /models has the reason.";
        await process.WaitUntilAsync(async () => (await ReadyAsync(process)).Reason?.Contains(expected, StringComparison.Ordinal) is true);
        await Task.Delay(TimeSpan.FromSeconds(4));

        var (status, reason) = await ReadyAsync(process);
        Assert.Equal(HttpStatusCode.OK, status);
        AssertText.Contains(expected, reason);
        Assert.DoesNotContain(_folder.Path, reason, StringComparison.Ordinal);
        Assert.Equal("[[2,0,0,0]]", await PredictAsync(process, "loaded"));
        using var other = await process.PostAsync("/models/other/predict", Features);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        var models = (await process.GetAsync("/models")).GetProperty("models").EnumerateArray();
        Assert.Equal(["ready", "failed"], models.Select(model => model.GetProperty("versions")[0].GetProperty("state").GetString()));

        if (isEmpty)
            Directory.Delete(_folder.Path);
        Directory.Move(_folder.Path + "-away", _folder.Path);
        await process.WaitUntilAsync(async () => (await ReadyAsync(process)).Reason is null);
        Assert.Equal("[[2,0,0,0]]", await PredictAsync(process, "other"));
    }

    [Fact]
    public async Task Load_TheRootIsEmpty_AnOperatorsLoadTakesItAtOnce()
    {
        _folder.WriteScaling("loaded", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await PredictAsync(process, "loaded");
        // One rename, so that no check of the store finds a part of the model.
        Directory.Move(_folder.PathOf("loaded"), _folder.Path + "-removed");
        await process.WaitUntilAsync(async () => (await ReadyAsync(process)).Reason is not null);

        using var load = await process.PostAsync("/v2/repository/models/loaded/load", "");
        using var predict = await process.PostAsync("/models/loaded/predict", Features);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (load.StatusCode, predict.StatusCode));
        Directory.Delete(_folder.Path + "-removed", recursive: true);
    }

    [Fact]
    public async Task Ready_PreloadedModelIsBroken_Is503WithTheReasonUntilItIsCorrected()
    {
        _folder.Write("This is no model.", "preloaded", "1", "model.onnx");
        _folder.Write("""{"lifecycle":{"preload":true}}""", "preloaded", "model.json");
        _folder.WriteScaling("other", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));

        await process.WaitUntilAsync(async () =>
            (await ReadyAsync(process)).Reason?.Contains("does not load", StringComparison.Ordinal) is true);
        await PredictAsync(process, "other");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadyAsync(process)).Status);

        _folder.WriteScaling("preloaded", 1, 2);
        await process.WaitUntilAsync(async () => (await ReadyAsync(process)).Status == HttpStatusCode.OK);
        Assert.Equal("[[2,0,0,0]]", await PredictAsync(process, "preloaded"));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> PredictAsync(FunctionsProcess process, string model) =>
        (await process.PostJsonAsync($"/models/{model}/predict", Features)).GetProperty("predictions").ToString();

    private static async Task<(HttpStatusCode Status, string? Reason)> ReadyAsync(FunctionsProcess process)
    {
        using var response = await process.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return (response.StatusCode, body.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }
}
