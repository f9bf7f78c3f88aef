using System.Globalization;
using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests models that are added, changed and deleted while the real executable serves their folder.</summary>
public sealed class HotReloadTests : IDisposable
{
    private const string Predict = "/models/scaling/predict";
    private const string Load = "/v2/repository/models/scaling/load";

    private readonly ModelFolder _folder = new();

    [Fact]
    public async Task Poll_NewReplacedBrokenAndDeletedVersions_AreAcceptedOrRefused()
    {
        _folder.WriteScaling("scaling", 1, 2);
        // Without a second model, the deletion at the end would look like a volume that is not mounted.
        _folder.WriteScaling("other", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        Assert.Equal((1, "[[2,0,0,0]]"), await PredictAsync(process));

        _folder.WriteScaling("scaling", 2, 3);
        await UntilAsync(process, (2, "[[3,0,0,0]]"));

        _folder.WriteScaling("scaling", 2, 4);
        await UntilAsync(process, (2, "[[4,0,0,0]]"));

        _folder.Write("no model", "scaling", "3", "model.onnx");
        await process.WaitForOutputAsync("Model scaling/3 is unavailable");
        Assert.Equal((2, "[[4,0,0,0]]"), await PredictAsync(process));
        var failed = (await process.GetAsync("/models/scaling")).GetProperty("versions")[2];
        Assert.Equal("failed", failed.GetProperty("state").GetString());
        Assert.Contains("does not load", failed.GetProperty("reason").GetString(), StringComparison.Ordinal);

        Directory.Delete(_folder.PathOf("scaling", "3"), recursive: true);
        Directory.Delete(_folder.PathOf("scaling", "2"), recursive: true);
        await UntilAsync(process, (1, "[[2,0,0,0]]"));

        Directory.Delete(_folder.PathOf("scaling"), recursive: true);
        await process.WaitUntilAsync(async () =>
        {
            using var response = await process.PostAsync(Predict, Features);
            return response.StatusCode == HttpStatusCode.NotFound;
        });
    }

    [Fact]
    public async Task Poll_BrokenInPlace_TheOldOneServesOnAndShowsWhy()
    {
        _folder.WriteScaling("scaling", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        Assert.Equal((1, "[[2,0,0,0]]"), await PredictAsync(process));

        _folder.Write("no model", "scaling", "1", "model.onnx");
        await process.WaitForOutputAsync("Model scaling/1 stays as it was");

        Assert.Equal((1, "[[2,0,0,0]]"), await PredictAsync(process));
        var version = (await process.GetAsync("/models/scaling")).GetProperty("versions")[0];
        Assert.Equal("ready", version.GetProperty("state").GetString());
        Assert.Contains("does not load", version.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poll_SettingsAreWrongAndThenFixedOrDeleted_TheReasonIsShownOnlyMeanwhile()
    {
        _folder.WriteScaling("scaling", 1, 2);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await PredictAsync(process);

        foreach (var right in (string?[])["{}", null])
        {
            _folder.Write("""{"vershions":{}}""", "scaling", "model.json");
            await process.WaitUntilAsync(async () => (await ReasonAsync(process))?.Contains("vershions", StringComparison.Ordinal) is true);
            if (right is null)
                File.Delete(_folder.PathOf("scaling", "model.json"));
            else
                _folder.Write(right, "scaling", "model.json");
            await process.WaitUntilAsync(async () => await ReasonAsync(process) is null);
        }

        Assert.Equal((1, "[[2,0,0,0]]"), await PredictAsync(process));
    }

    /// <summary>Each version multiplies by its number. Version 1 is replaced in place and multiplies by 101 or 102.</summary>
    [Fact]
    public async Task Reload_WhileClientsAsk_EveryRequestIsAnsweredByTheVersionItNames()
    {
        const int Clients = 64;
        const int Swaps = 40;
        _folder.WriteScaling("scaling", 1, 101);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));
        await PredictAsync(process);
        var responses = 0;
        using var done = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var (version, predictions) = await PredictAsync(process, client % 2 == 0 ? Predict : "/models/scaling/versions/1/predict");
                var right = version == 1 ? predictions is "[[101,0,0,0]]" or "[[102,0,0,0]]" : predictions == $"[[{version},0,0,0]]";
                Assert.True(right, $"Version {version} answered {predictions}.");
                Interlocked.Increment(ref responses);
            }
        })).ToArray();

        for (var swap = 2; swap <= Swaps; swap++)
        {
            _folder.WriteScaling("scaling", 1, swap % 2 == 0 ? 102 : 101);
            _folder.WriteScaling("scaling", swap, swap);
            if (swap > 3)
                Directory.Delete(_folder.PathOf("scaling", $"{swap - 2}"), recursive: true);
            await LoadAsync(process);
            Assert.Equal(swap, (await PredictAsync(process)).Version);
            if (Array.Find(clients, client => client.IsCompleted) is { } failed)
                await failed;
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(responses > Clients * 2, $"{responses} responses");
    }

    [LinuxFact("/proc tells the resident memory.")]
    public async Task Reload_200Times_ReleasesTheMemory()
    {
        _folder.WriteScaling("scaling", 1, 2);
        // Tiered compilation would compile code a second time, and the new code would count as lost memory.
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"), ("DOTNET_TieredCompilation", "0"));
        await PredictAsync(process);
        var afterTen = 0L;

        for (var reload = 1; reload <= 200; reload++)
        {
            _folder.WriteScaling("scaling", 1, 2 + reload);
            await LoadAsync(process);
            Assert.Equal((1, $"[[{2 + reload},0,0,0]]"), await PredictAsync(process));
            if (reload == 10)
                afterTen = process.ResidentBytes();
        }

        // The last sessions end in the background, and the garbage collector returns memory later.
        await process.WaitUntilAsync(() => Task.FromResult(process.ResidentBytes() <= afterTen * 11 / 10));
    }

    public void Dispose() => _folder.Dispose();

    private const string Features = "{\"features\":[1,0,0,0]}";

    private static async Task<string?> ReasonAsync(FunctionsProcess process)
    {
        var models = (await process.GetAsync("/models")).GetProperty("models");
        return models[0].GetProperty("versions")[0].TryGetProperty("reason", out var reason) ? reason.GetString() : null;
    }

    private static async Task LoadAsync(FunctionsProcess process)
    {
        using var response = await process.PostAsync(Load, "");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<(int Version, string Predictions)> PredictAsync(FunctionsProcess process, string path = Predict)
    {
        var response = await process.PostJsonAsync(path, Features);
        return (Version(response), response.GetProperty("predictions").ToString());
    }

    private static int Version(JsonElement response) => response.GetProperty("version") switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetInt32(),
        var text => int.Parse(text.GetString()!, CultureInfo.InvariantCulture),
    };

    /// <summary>Waits for a version and its result. Every request until then must succeed.</summary>
    private static Task UntilAsync(FunctionsProcess process, (int Version, string Predictions) expected) =>
        process.WaitUntilAsync(async () => await PredictAsync(process) == expected);
}
