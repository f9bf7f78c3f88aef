using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests models that crash the real executable in native code.</summary>
public sealed class NativeCrashTests : IDisposable
{
    private const string Scaling = "/models/scaling/predict";
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Crashing = "/models/crashing/predict";
    private const string Good = """{"inputs":{"x":[[5]]}}""";
    private const string Trap = """{"inputs":{"x":[[-2147483648]]}}""";

    private readonly ModelFolder _folder = new();

    public NativeCrashTests() => _folder.WriteScaling("scaling", 1, 2);

    [Fact]
    public async Task Crash_WhileAModelRuns_QuarantinesItUntilItsFilesChangeOrAnOperatorLoadsIt()
    {
        Write("crashing", "crashing", 1);
        await CrashAsync();
        await using (var restarted = await _folder.ServeAsync())
        {
            await AssertServedAsync(restarted);
            await AssertQuarantinedAsync(restarted);
            Write("crashing", "crashing", 1);
            using var load = await restarted.PostAsync("/v2/repository/models/crashing/load", "");
            Assert.True(load.IsSuccessStatusCode, await load.Content.ReadAsStringAsync());
            await restarted.PostJsonAsync(Crashing, Good);
        }

        await CrashAsync();
        await using (var restarted = await _folder.ServeAsync())
        {
            await AssertQuarantinedAsync(restarted);
            using var load = await restarted.PostAsync("/v2/repository/models/crashing/load", "");
            Assert.True(load.IsSuccessStatusCode, await load.Content.ReadAsStringAsync());
            await restarted.PostJsonAsync(Crashing, Good);
        }
    }

    [Fact]
    public async Task Crash_ReplacedFiles_AreServedWithoutAnOperator()
    {
        Write("crashing", "crashing", 1);
        await CrashAsync();
        Write("crashing", "crashing", 1);

        await using var restarted = await _folder.ServeAsync();

        await restarted.PostJsonAsync(Crashing, Good);
    }

    [Fact]
    public async Task Crash_WhileANewVersionLoads_TheOneBeforeAnswersAfterTheRestart()
    {
        Write("crashing", "crashing", 1);
        Write("crashing_load", "crashing", 2);
        await using (var process = await _folder.ServeAsync())
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => process.PostAsync(Crashing, Good));
            Assert.NotEqual(0, await process.WaitForExitAsync());
        }

        await using var restarted = await _folder.ServeAsync();

        Assert.Equal("1", (await restarted.PostJsonAsync(Crashing, Good)).GetProperty("version").ToString());
        var versions = (await restarted.GetAsync("/models/crashing")).GetProperty("versions");
        Assert.Contains("while it loaded", versions[1].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A server is not ready before its models with preload are loaded. A quarantined one must not keep it from serving.</summary>
    [Fact]
    public async Task Crash_OfAPreloadedModel_TheServerIsReadyAfterTheRestart()
    {
        Write("crashing", "crashing", 1);
        _folder.Write("""{"lifecycle":{"preload":true}}""", "crashing", "model.json");
        await CrashAsync();

        await using var restarted = await _folder.ServeAsync();

        await restarted.WaitUntilReadyAsync();
        await AssertServedAsync(restarted);
    }

    /// <summary>The preparation runs the model with zeros, on which the model crashes. No caller sends zeros.</summary>
    [Fact]
    public async Task Crash_InThePreparation_IsServedWithoutOneAfterTheRestart()
    {
        const string Predict = "/models/crashing_on_zeros/predict";
        Write("crashing_on_zeros", "crashing_on_zeros", 1);
        await using (var process = await _folder.ServeAsync())
        {
            // The preparation begins soon after the load, so the process may end before it has sent the response.
            await Record.ExceptionAsync(async () => (await process.PostAsync(Predict, Good)).Dispose());
            Assert.NotEqual(0, await process.WaitForExitAsync());
        }

        await using var restarted = await _folder.ServeAsync();

        await restarted.PostJsonAsync(Predict, Good);
        await restarted.WaitForOutputAsync("Model crashing_on_zeros/1 is not prepared");
    }

    [Fact]
    public async Task Kill_UnderLoad_QuarantinesNothing()
    {
        await using (var process = await _folder.ServeAsync())
        {
            await AssertServedAsync(process);
            var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (true)
                    await process.PostJsonAsync(Scaling, Features);
            })).ToArray();
            process.Kill();
            Assert.NotEqual(0, await process.WaitForExitAsync());
            foreach (var client in clients)
                await Assert.ThrowsAnyAsync<Exception>(() => client);
        }

        await using var restarted = await _folder.ServeAsync();

        await AssertServedAsync(restarted);
        // A process that is killed during the preparation of a model leaves a record, so that the model is not prepared again.
        Assert.DoesNotContain(
            Directory.GetFiles(_folder.CachePath("versions")), path => !path.EndsWith(".unprepared", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminate_LeavesNoJournal()
    {
        await using var process = await _folder.ServeAsync();
        await AssertServedAsync(process);

        process.Terminate();

        Assert.Equal(0, await process.WaitForExitAsync());
        Assert.Empty(Directory.GetFiles(_folder.CachePath("journal")));
    }

    [Theory]
    [InlineData("crashing_on_zeros")]
    [InlineData("crashing_load")]
    public async Task Trial_NewVersionCrashes_TheOneBeforeServesOn(string model)
    {
        Write("crashing", "crashing", 1);
        await using var process = await _folder.ServeAsync(("Models__Trial", "true"), ("Models__ReloadInterval", "00:00:01"));
        await process.PostJsonAsync(Crashing, Good);

        Write(model, "crashing", 2);
        await process.WaitForOutputAsync("Model crashing/2 is quarantined");

        Assert.Equal("1", (await process.PostJsonAsync(Crashing, Good)).GetProperty("version").ToString());
        await process.WaitForOutputAsync("Model crashing/2 is unavailable");
        var versions = (await process.GetAsync("/models/crashing")).GetProperty("versions");
        Assert.Equal("failed", versions[1].GetProperty("state").GetString());
        Assert.Matches(@"crashed \(SIGFPE\) in its trial at .*/load", versions[1].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Trial_VersionThatPassed_IsLoadedWithoutAnotherOne()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var process = await _folder.ServeAsync(("Models__Trial", "true"));
            await AssertServedAsync(process);
            Assert.Equal(start == 0, process.Output.Contains("Model scaling/1 passed its trial", StringComparison.Ordinal));
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string model, string name, int version) =>
        _folder.Write(File.ReadAllBytes(TestModels.Path(model)), name, $"{version}", "model.onnx");

    private async Task CrashAsync()
    {
        await using var process = await _folder.ServeAsync();
        await process.PostJsonAsync(Crashing, Good);
        await Assert.ThrowsAsync<HttpRequestException>(() => process.PostAsync(Crashing, Trap));
        Assert.NotEqual(0, await process.WaitForExitAsync());
    }

    private static async Task AssertServedAsync(FunctionsProcess process) =>
        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync(Scaling, Features)).GetProperty("predictions").ToString());

    private static async Task AssertQuarantinedAsync(FunctionsProcess process)
    {
        const string Reason =
            @"Model crashing/1 crashed process \d+ \(SIGFPE\) while it ran \(detected at .*POST /v2/repository/models/crashing/load";
        var models = (await process.GetAsync("/models")).GetProperty("models");
        var listed = models.EnumerateArray().Single(model => model.GetProperty("name").GetString() == "crashing");
        AssertFailed(listed.GetProperty("versions")[0], Reason);
        using (var response = await process.PostAsync(Crashing, Good))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Matches(Reason, await response.Content.ReadAsStringAsync());
        }

        var states = (await process.GetAsync("/status")).GetProperty("models");
        var status = states.EnumerateArray().Single(model => model.GetProperty("model").GetString() == "crashing");
        AssertFailed(status, Reason);
    }

    private static void AssertFailed(JsonElement version, string reason)
    {
        Assert.Equal("failed", version.GetProperty("state").GetString());
        Assert.Matches(reason, version.GetProperty("reason").GetString());
    }
}
