using System.Net;
using System.Text.Json;
using Functions.Tests.Queues;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests /status, readiness, logs and disabled functions of the real executable.</summary>
[Collection(QueuesCollection.Name)]
public sealed class StatusTests(AzuriteFixture azurite)
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    [Fact]
    public async Task Status_OfAServerWithModels_ReportsTheirStateSlotsAndSettings()
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("scaling", 1, 2);
        folder.Write("no model", "broken", "1", "model.onnx");
        await using var process = await folder.ServeAsync(
            ("Models__ReloadInterval", "00:01:00"), ("Models__ShareOptimized", "false"), ("Grpc__Urls", "http://127.0.0.1:0"));
        await process.PostJsonAsync("/models/scaling/predict", Features);
        using (await process.PostAsync("/models/broken/predict", Features))
        {
        }

        await process.WaitUntilReadyAsync();
        // A slot is free a moment after the response, and the preparation of a model may use a slot.
        JsonElement status = default;
        await process.WaitUntilAsync(async () => Number(status = await process.GetAsync("/status"), "compute", "used") == 0);

        Assert.Matches(@"^\d+\.\d+\.\d+", status.GetProperty("build").GetProperty("version").GetString());
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.InRange(status.GetProperty("uptimeSeconds").GetInt64(), 0, 600);
        Assert.Equal((Environment.ProcessorCount, 0), (Number(status, "compute", "slots"), Number(status, "compute", "used")));
        Assert.True(Number(status, "memory", "models") > 0);
        var models = status.GetProperty("models")
            .EnumerateArray().Select(model => $"{model.GetProperty("model")} {model.GetProperty("version")} {model.GetProperty("state")}");
        Assert.Equal(["broken 1 failed", "scaling 1 ready"], models);
        var settings = status.GetProperty("configuration");
        Assert.Equal("00:01:00", settings.GetProperty("Models__ReloadInterval").GetString());
        Assert.Equal("false", settings.GetProperty("Models__ShareOptimized").GetString());
        Assert.Equal("http://127.0.0.1:0", settings.GetProperty("Grpc__Urls").GetString());
        Assert.Equal("(set)", settings.GetProperty("Models__Source").GetString());
    }

    [Fact]
    public async Task Status_WithoutTheAdminKey_Is401()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));

        using var function = await process.Client.GetAsync(new Uri("/status?code=f-key", UriKind.Relative));
        using var admin = await process.Client.GetAsync(new Uri("/status?code=a-key", UriKind.Relative));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (function.StatusCode, admin.StatusCode));
    }

    [Fact]
    public async Task Disabled_QueueFunction_LeavesItsMessagesToOthers()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var without =
            await scenario.StartAsync(("AzureWebJobs.PredictionQueue.Disabled", "true"), ("AzureWebJobs__Models__Disabled", "1"));
        await without.WaitForOutputAsync("The setting AzureWebJobs.PredictionQueue.Disabled turns the function off");
        await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage("a"));
        using var listed = await without.Client.GetAsync(new Uri("/models", UriKind.Relative));
        await without.PostJsonAsync("/models/fixed_batch/predict", Features);

        // Only this server can receive the message.
        await using var with = await scenario.StartAsync();
        await PredictionScenario.ReceiveAsync(scenario.Results);

        Assert.Equal(HttpStatusCode.NotFound, listed.StatusCode);
        Assert.Equal(1, (await Telemetry.Scrape.ReadAsync(without)).Sum("inference_requests_total"));
        Assert.Equal(1, (await Telemetry.Scrape.ReadAsync(with)).Sum("inference_requests_total"));
    }

    [Fact]
    public async Task Ready_StoreIsOutOfReachAndNothingIsLoaded_Is503()
    {
        await using var process = await FunctionsProcess.StartAsync(("Models__Source", "https://127.0.0.1:1/account/models?sig=x"));

        using var response = await process.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Logs_AsJson_AreOneObjectALine()
    {
        await using var process = await FunctionsProcess.StartAsync(("Logging__Console__FormatterName", "json"));
        await process.PostJsonAsync("/models/iris/predict", "{\"features\":[5.1,3.5,1.4,0.2]}");
        await process.WaitForOutputAsync("Model iris/1 loaded");

        var line = process.Output.Split('\n').Single(line => line.Contains("Model iris/1 loaded", StringComparison.Ordinal));

        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal("Information", entry.GetProperty("LogLevel").GetString());
        Assert.Equal("iris/1", entry.GetProperty("State").GetProperty("Model").GetString());
    }

    private static long Number(JsonElement status, string group, string name) => status.GetProperty(group).GetProperty(name).GetInt64();
}
