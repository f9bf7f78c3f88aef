using System.Net;
using System.Text.Json;

namespace Functions.Tests.Models;

/// <summary>Tests what callers and lists say about versions that the settings of a model do not serve, on the real executable.</summary>
public sealed class ServedVersionsTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Reason =
        "Model scaling is not served: its settings serve only version 7, which does not exist. The store has versions 1 and 2. Correct "
        + "\"versions.serve\" in model.json, or add that version.";

    private readonly ModelFolder _folder = new();

    public ServedVersionsTests()
    {
        _folder.WriteScaling("scaling", 1, 2);
        _folder.WriteScaling("scaling", 2, 3);
    }

    [Fact]
    public async Task NoServedVersion_RequestsAndListsGiveTheReason()
    {
        _folder.Write("""{"versions":{"serve":{"specific":[7]}}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var error = await PredictAsync(process, "scaling");
        var ofVersion = await PredictAsync(process, "scaling/versions/2");
        var versions = await ListAsync(process);
        var index = (await process.PostJsonAsync("/v2/repository/index", "{}")).EnumerateArray().ToList();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, Reason), error);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Reason), ofVersion);
        Assert.Equal([(1, "failed", Reason), (2, "failed", Reason)], versions.Select(Describe));
        Assert.All(index, version => Assert.Equal(Reason, version.GetProperty("reason").GetString()));
    }

    /// <summary>The settings serve a version that exists. Its files are the reason, and not the settings.</summary>
    [Fact]
    public async Task ServedVersionHasNoUsableFile_RequestsAndListsGiveItsReason()
    {
        _folder.Write("""{"versions":{"serve":{"specific":[3]},"labels":{"stable":3}}}""", "scaling", "model.json");
        _folder.Write("weights", "scaling", "3", "model.pt");
        await using var process = await _folder.ServeAsync();

        var (status, detail) = await PredictAsync(process, "scaling");
        var versions = (await ListAsync(process)).Select(Describe).ToList();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("does not exist", detail, StringComparison.Ordinal);
        Assert.Contains("model.pt", detail, StringComparison.Ordinal);
        Assert.Equal(["notServed", "notServed", "failed"], versions.Select(version => version.State));
        Assert.Contains("serve only version 3", versions[0].Reason, StringComparison.Ordinal);
        Assert.Contains("model.pt", versions[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyServedVersionIsRemoved_RequestsGiveTheReason()
    {
        _folder.Write("""{"versions":{"serve":{"specific":[2]}}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync(("Keys__Admin", "admin"), ("Keys__Function", "caller"));
        process.Client.DefaultRequestHeaders.Add("x-functions-key", "admin");
        await process.PostJsonAsync("/models/scaling/predict", Features);

        Directory.Delete(_folder.PathOf("scaling", "2"), recursive: true);
        using (var reload = await process.PostAsync("/v2/repository/models/scaling/load", ""))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, reload.StatusCode);

        var (status, detail) = await PredictAsync(process, "scaling");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("Model scaling is not served: its settings serve only version 2, which does not exist.", detail);
        Assert.Equal((1, "failed", detail), Describe(Assert.Single(await ListAsync(process))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RollBack_ListsNameTheDefaultAndTheVersionsThatAreNotServed(bool isUsed)
    {
        const string NotServed =
            "The settings of the model serve only version 1. To serve this version, change \"versions.serve\" in model.json.";
        _folder.Write("""{"versions":{"serve":{"specific":[1]}}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();
        if (isUsed)
            await process.PostJsonAsync("/models/scaling/predict", Features);

        var versions = await ListAsync(process);

        Assert.Equal([(1, isUsed ? "ready" : "available", null), (2, "notServed", NotServed)], versions.Select(Describe));
        Assert.Equal([true, false], versions.Select(version => version.TryGetProperty("default", out _)));
        Assert.Equal(HttpStatusCode.NotFound, (await PredictAsync(process, "scaling/versions/2")).Status);
    }

    [Theory]
    [InlineData("model.json", """{"versions":{"labels":{"stable":9}}}""", "$.versions.labels.stable", "It points at version 9,", false)]
    [InlineData("model.json", """{"versions":{"labels":{"stable":9}}}""", "$.versions.labels.stable", "It points at version 9,", true)]
    [InlineData("versions.json", """{"labels":{"stable":9}}""", "$.labels.stable", "It points at version 9,", false)]
    [InlineData("versions.json", """{"shadow":9}""", "$.shadow", "It is version 9,", false)]
    [InlineData(
        "model.json", """{"versions":{"traffic":[{"version":2,"percent":90},{"version":9,"percent":10}]}}""", "$.versions.traffic",
        "A share has version 9,", true)]
    [InlineData("model.json", """{"versions":{"serve":{"specific":[2,9]}}}""", "$.versions.serve", "It names version 9,", false)]
    [InlineData(
        "config.pbtxt", "version_policy { specific { versions: [2, 9] } }", "version_policy", "It names version 9,", false)]
    public async Task SettingsThatNameAnAbsentVersion_AreAWarning(string file, string settings, string path, string message, bool isUsed)
    {
        _folder.Write(settings, "scaling", file);
        await using var process = await _folder.ServeAsync();
        if (isUsed)
            await process.PostJsonAsync("/models/scaling/versions/2/predict", Features);

        var model = (await process.GetAsync("/models")).GetProperty("models").EnumerateArray()
            .Single(model => model.GetProperty("name").GetString() == "scaling");

        var warning = Assert.Single(model.GetProperty("warnings").EnumerateArray());
        Assert.Equal(
            (file, path, $"{message} which does not exist. The store has versions 1 and 2."),
            (warning.GetProperty("file").GetString(), warning.GetProperty("path").GetString(), warning.GetProperty("message").GetString()));
    }

    public void Dispose() => _folder.Dispose();

    private static (int Version, string? State, string? Reason) Describe(JsonElement version) => (
        version.GetProperty("version").GetInt32(), version.GetProperty("state").GetString(),
        version.TryGetProperty("reason", out var reason) ? reason.GetString() : null);

    private static async Task<List<JsonElement>> ListAsync(FunctionsProcess process) =>
        [.. (await process.GetAsync("/models")).GetProperty("models").EnumerateArray()
            .Single(model => model.GetProperty("name").GetString() == "scaling").GetProperty("versions").EnumerateArray()];

    private static async Task<(HttpStatusCode Status, string? Detail)> PredictAsync(FunctionsProcess process, string model)
    {
        using var response = await process.PostAsync($"/models/{model}/predict", Features);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, body.GetProperty("detail").GetString());
    }
}
