using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests the repository calls of the Open Inference Protocol on the real executable.</summary>
public sealed class RepositoryTests : IDisposable
{
    private const string Predict = "/models/scaling/predict";
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _folder = new();

    public RepositoryTests() => _folder.WriteScaling("scaling", 1, 2);

    [Fact]
    public async Task LoadAndUnload_ShowInTheIndex()
    {
        await using var process = await _folder.ServeAsync();
        var before = await StateAsync(process);
        await PostAsync(process, "scaling/load");
        var loaded = await StateAsync(process);
        await PostAsync(process, "scaling/unload");
        var unloaded = await StateAsync(process);

        Assert.NotEqual("READY", before);
        Assert.Equal("READY", loaded);
        Assert.Equal(before, unloaded);
        await process.PostJsonAsync(Predict, Features);
    }

    [Fact]
    public async Task Load_UnknownModel_Is404()
    {
        await using var process = await _folder.ServeAsync();

        using var response = await process.PostAsync("/v2/repository/models/other/load", "");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is no model other", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Triton also returns 200, because an unknown model uses no memory.</summary>
    [Fact]
    public async Task Unload_UnknownModel_Is200()
    {
        await using var process = await _folder.ServeAsync();

        await PostAsync(process, "other/unload");
    }

    [Fact]
    public async Task Load_AfterAFailureIsRepaired_DoesNotWait()
    {
        _folder.Write("no model", "scaling", "1", "model.onnx");
        await using var process = await _folder.ServeAsync();
        using (var broken = await process.PostAsync(Predict, Features))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, broken.StatusCode);
        _folder.WriteScaling("scaling", 1, 5);

        await PostAsync(process, "scaling/load");

        Assert.Equal("[[5,0,0,0]]", (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString());
    }

    [Theory]
    [InlineData("""{"batching":{"maxDealy":"00:00:01"}}""", "Did you mean")]
    [InlineData("""{"image":{"height":2,"width":2}}""", "new settings are not used")]
    public async Task Load_NewSettingsAreWrong_Is400WithTheReasonAndTheOldOnesHold(string wrong, string reason)
    {
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));
        await PostAsync(process, "scaling/load");
        _folder.Write(wrong, "scaling", "model.json");

        await AssertRefusedAsync(process, reason);
        await AssertRefusedAsync(process, reason);

        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString());
        AssertText.Contains(reason, (await IndexAsync(process)).GetProperty("reason").GetString());
        File.Delete(_folder.PathOf("scaling", "model.json"));
        await PostAsync(process, "scaling/load");
        Assert.Equal(("READY", ""),
            ((await IndexAsync(process)).GetProperty("state").GetString(), (await IndexAsync(process)).GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Load_NewFilesDoNotLoad_Is400WithTheReasonAndTheOldOnesServe(string version)
    {
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));
        await PostAsync(process, "scaling/load");
        _folder.Write("no model", "scaling", version, "model.onnx");

        await AssertRefusedAsync(process, "does not load");

        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString());
    }

    [Theory]
    [InlineData("index")]
    [InlineData("models/scaling/load")]
    [InlineData("models/scaling/unload")]
    public async Task Post_WithoutTheAdminKey_Is401(string path)
    {
        await using var process = await _folder.ServeAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));

        using var without = await process.PostAsync($"/v2/repository/{path}", "");
        using var function = await process.PostAsync($"/v2/repository/{path}?code=f-key", "");
        using var admin = await process.PostAsync($"/v2/repository/{path}?code=a-key", "");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            (without.StatusCode, function.StatusCode, admin.StatusCode));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task PostAsync(FunctionsProcess process, string call)
    {
        using var response = await process.PostAsync($"/v2/repository/models/{call}", "");
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    private static async Task AssertRefusedAsync(FunctionsProcess process, string reason)
    {
        using var response = await process.PostAsync("/v2/repository/models/scaling/load", "");
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertText.Contains(reason, body.GetProperty("error").GetString());
    }

    private static async Task<string?> StateAsync(FunctionsProcess process) =>
        (await IndexAsync(process)).TryGetProperty("state", out var state) ? state.GetString() : null;

    private static async Task<JsonElement> IndexAsync(FunctionsProcess process)
    {
        var index = await process.PostJsonAsync("/v2/repository/index", "{}");
        Assert.Equal(1, index.GetArrayLength());
        Assert.Equal("scaling", index[0].GetProperty("name").GetString());
        return index[0];
    }
}
