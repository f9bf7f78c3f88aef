using Azure.Storage.Queues;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests single messages, which the host double delivers to the real executable.</summary>
[Collection(QueuesCollection.Name)]
public sealed class QueueFunctionTests(AzuriteFixture azurite, QueueFunctionTests.Server server) : IClassFixture<QueueFunctionTests.Server>
{
    private const int LastAttempt = 5;

    private readonly string _id = Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(
        """{"features":[[1,2,3,4]]}""",
        """{"id":"ID","model":"fixed_batch","version":1,"status":"succeeded","result":{"model":"fixed_batch","version":1,"predictions":[[2,4,6,8]]}}""")]
    [InlineData(
        """{"id":"q","inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}""",
        """{"id":"ID","model":"fixed_batch","version":1,"status":"succeeded","result":{"model_name":"fixed_batch","model_version":"1","id":"q","outputs":[{"name":"y","datatype":"FP32","shape":[1,4],"data":[2,4,6,8]}]}}""")]
    public async Task Message_EitherBody_IsAnsweredInItsFormAndStored(string request, string result)
    {

        var response = await InvokeAsync(server.Host, $$"""{"id":"{{_id}}","model":"fixed_batch","version":1,"request":{{request}}}""");

        result = result.Replace("ID", _id, StringComparison.Ordinal);
        Assert.Equal(result, Assert.Single(response.Outputs["Results"]));
        Assert.Equal(result, await server.Scenario.ReadResultAsync(_id));
    }

    [Fact]
    public async Task Message_InvokedByAdmin_IsAnsweredWithoutTriggerMetadata()
    {
        var response = await server.Host.InvokeByAdminAsync(PredictionScenario.Function, PredictionScenario.CreateMessage(_id));

        Assert.True(response.Succeeded, $"{response.Exception}");
        Assert.Contains("succeeded", Assert.Single(response.Outputs["Results"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_RequestInABlobAndALargeResult_BothGoByBlob()
    {
        await server.Scenario.UploadAsync("requests/in/large", PredictionScenario.LargeBody());

        var response = await InvokeAsync(server.Host,
            $$"""{"id":"{{_id}}","model":"fixed_batch","requestBlob":"{{server.Scenario.Container.Name}}/requests/in/large"}""");

        Assert.Equal(
            $$"""{"id":"{{_id}}","model":"fixed_batch","version":1,"status":"succeeded","resultBlob":"{{server.Scenario.Container.Name}}/{{_id}}.json"}""",
            Assert.Single(response.Outputs["Results"]));
        var stored = await server.Scenario.ReadResultAsync(_id);
        Assert.True(stored.Length > 64 * 1024);
        var predictions = PredictionScenario.Parse(stored).GetProperty("result").GetProperty("predictions");
        Assert.Equal(8000, predictions.GetArrayLength());
        Assert.All(predictions.EnumerateArray(), row => Assert.Equal("[2,4,6,8]", row.ToString()));
    }

    [Fact]
    public async Task Message_DeliveredAgain_IsAnsweredAsBeforeWithoutTheModel()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await scenario.UploadAsync("requests/in/large", PredictionScenario.LargeBody());
        var large = $$"""{"id":"large","model":"fixed_batch","requestBlob":"{{scenario.Container.Name}}/requests/in/large"}""";
        IReadOnlyList<string> first, firstLarge;
        await using (var host = await scenario.StartUnderHostAsync())
        {
            (first, firstLarge) = ((await InvokeAsync(host, PredictionScenario.CreateMessage("a"))).Outputs["Results"],
                (await InvokeAsync(host, large)).Outputs["Results"]);
        }

        scenario.RemoveModels();

        await using var other = await scenario.StartUnderHostAsync();

        Assert.Equal(first, (await InvokeAsync(other, PredictionScenario.CreateMessage("a"), dequeueCount: 2)).Outputs["Results"]);
        Assert.Equal(firstLarge, (await InvokeAsync(other, large, dequeueCount: 2)).Outputs["Results"]);
    }

    [Fact]
    public async Task Message_SecondWithTheSameId_IsAnsweredByTheFirstResult()
    {
        var first = await InvokeAsync(server.Host, PredictionScenario.CreateMessage(_id, number: 1));

        var second = await InvokeAsync(server.Host, PredictionScenario.CreateMessage(_id, number: 2));

        Assert.Equal(first.Outputs["Results"], second.Outputs["Results"]);
    }

    [Theory]
    [InlineData("unknown", "\"request\":{\"features\":[1]}", "modelNotFound", "unknown")]
    [InlineData("../up", "\"request\":{\"features\":[1]}", "modelNotFound", "No model has this name")]
    [InlineData("fixed_batch", "\"version\":7,\"request\":{\"features\":[1]}", "versionNotFound", "no version 7")]
    [InlineData("fixed_batch", "\"request\":{\"features\":[1]}", "invalidShape", "shape")]
    [InlineData("gather", "\"request\":{\"features\":[9]}", "runtimeFailure", "idx=9")]
    [InlineData("fixed_batch", "\"requestBlob\":\"inbox/at-all\"", "invalidRequest", "The blob inbox/at-all in requestBlob does not exist")]
    [InlineData("fixed_batch", "\"requestBlob\":\"elsewhere/at-all\"", "invalidRequest", "Predictions__RequestContainers")]
    [InlineData("fixed_batch", "\"requestBlob\":\"inbox/%2e%2e/models/a\"", "invalidRequest", "not a plain path")]
    [InlineData("slow",
        "\"request\":{\"parameters\":{\"timeout\":50000},\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[5]},{\"name\":\"n\",\"shape\":[],\"datatype\":\"INT64\",\"data\":[9000000000]}]}", "deadlineExceeded", "50 ms")]
    public async Task Message_FinalError_IsTheResultAtOnce(string model, string rest, string code, string text)
    {

        var response = await InvokeAsync(server.Host, $$"""{"id":"{{_id}}","model":"{{model}}",{{rest}}}""");

        AssertFailed(response, code, text);
        Assert.Equal(Assert.Single(response.Outputs["Results"]), await server.Scenario.ReadResultAsync(_id));
        Assert.Null((await server.Scenario.Failed.ReceiveMessageAsync()).Value);
    }

    [Fact]
    public async Task Message_RequestBlobOverTheLimit_IsInvalid()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync(("Http__MaxBodySize", "100"));
        await scenario.UploadAsync("requests/large", new string(' ', 101));

        var response =
            await InvokeAsync(host, $$"""{"id":"a","model":"fixed_batch","requestBlob":"{{scenario.Container.Name}}/requests/large"}""");

        AssertFailed(response, "invalidRequest", "Http__MaxBodySize allows 100");
    }

    [Fact]
    public async Task Message_RetryableErrorToTheEnd_IsRetriedThenFailedAndPoison()
    {
        var message = $$"""{"id":"{{_id}}","model":"broken","request":{"features":[1]} }""";

        var delivery = await server.Host.DeliverQueueMessageAsync(PredictionScenario.Function, message);

        Assert.Equal(LastAttempt, delivery.Attempts.Count);
        Assert.All(delivery.Attempts.SkipLast(1), attempt => Assert.False(attempt.Succeeded));
        Assert.False(delivery.IsPoison, "The app sends it there itself, so that the caller hears of it.");
        AssertFailed(delivery.Last, "modelUnavailable", "does not load");
        Assert.Equal(message, await ReceiveForeverAsync(server.Scenario.Failed));
    }

    [Fact]
    public async Task Message_StorageDown_IsRetriedAndThenAnswered()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        await azurite.StopAsync();
        var down = await host.InvokeQueueAsync(PredictionScenario.Function, PredictionScenario.CreateMessage("a"));
        await azurite.StartAsync();

        var response = await InvokeAsync(host, PredictionScenario.CreateMessage("a"), dequeueCount: 2);

        Assert.False(down.Succeeded);
        Assert.Contains("succeeded", Assert.Single(response.Outputs["Results"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_StorageDownInTheLastAttempt_BeginsAnew()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        var message = PredictionScenario.CreateMessage("a");
        await azurite.StopAsync();
        InvocationResult down;
        try
        {
            down = await InvokeAsync(host, message, LastAttempt);
        }
        finally
        {
            // The tests after this one use the same storage.
            await azurite.StartAsync();
        }

        Assert.Equal(message, Assert.Single(down.Outputs["Requeued"]));
        Assert.DoesNotContain("Results", down.Outputs.Keys);
        Assert.Null((await scenario.Failed.ReceiveMessageAsync()).Value);
    }

    [Theory]
    [InlineData("hello", null, "")]
    [InlineData("[]", null, "")]
    [InlineData("{\"model\":\"m\",\"request\":{}}", null, "")]
    [InlineData("{\"id\":\"../a\",\"model\":\"m\",\"request\":{}}", null, "")]
    [InlineData("{\"id\":\"wrong-1\",\"request\":{}}", "wrong-1", "\"model\" is missing")]
    [InlineData("{\"id\":\"wrong-2\",\"model\":\"m\"}", "wrong-2", "Exactly one of")]
    [InlineData("{\"id\":\"wrong-3\",\"model\":\"m\",\"requestBlob\":\"azure-webjobs-secrets/host.json\"}", "wrong-3", "requestBlob")]
    [InlineData("{\"id\":\"wrong-4\",\"model\":\"m\",\"request\":{}", "wrong-4", "not valid JSON")]
    public async Task Message_NotValid_IsPoisonAtOnceAndFailedWhenItHasAnId(string message, string? id, string text)
    {

        var response = await InvokeAsync(server.Host, message);

        Assert.Equal(message, await ReceiveForeverAsync(server.Scenario.Failed));
        Assert.Equal(id is not null, response.Outputs.ContainsKey("Results"));
        if (id is not null)
            AssertFailed(response, "invalidMessage", text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(LastAttempt)]
    public async Task Message_CutShort_IsTriedAgainAndNeverFailed(int dequeueCount)
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        using var shutdown = new CancellationTokenSource();
        var message = $$"""{"id":"a","model":"slow","request":{{Host.HostedApp.SlowBody(long.MaxValue)}}}""";
        var running = host.InvokeQueueAsync(PredictionScenario.Function, message, dequeueCount, cancellationToken: shutdown.Token);
        await host.WaitForLogAsync("Model slow/1 loaded");

        await shutdown.CancelAsync();
        var response = await running;

        Assert.DoesNotContain("Results", response.Outputs.Keys);
        // After the last attempt the host would move the message to the poison queue, so the app sends it as a new message.
        Assert.Equal(dequeueCount == LastAttempt, response.Succeeded);
        Assert.Equal(dequeueCount == LastAttempt ? [message] : [], response.Outputs.GetValueOrDefault("Requeued", []));
    }

    [Theory]
    [InlineData("Predictions__Queue", "Capitals")]
    [InlineData("Predictions__ResultsQueue", "a--b")]
    [InlineData("Predictions__Container", "x")]
    [InlineData("Predictions__ResultTimeToLive", "soon")]
    public async Task Start_SettingThatIsNoName_NamesTheSetting(string setting, string value)
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);

        var refused = await Assert.ThrowsAsync<WorkerViolationException>(() => scenario.StartUnderHostAsync((setting, value)));

        Assert.Contains($"{setting} is \"{value}\"", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<InvocationResult> InvokeAsync(FunctionsHostDouble host, string message, int dequeueCount = 1)
    {
        var result = await host.InvokeQueueAsync(PredictionScenario.Function, message, dequeueCount);
        Assert.True(result.Succeeded, $"{result.Exception}");
        return result;
    }

    /// <summary>Receives the next message of a queue, and checks that it never expires.</summary>
    private static async Task<string> ReceiveForeverAsync(QueueClient queue)
    {
        var message = (await queue.ReceiveMessageAsync()).Value;
        Assert.NotNull(message);
        Assert.True(message.ExpiresOn > DateTimeOffset.UtcNow.AddYears(50), $"It expires at {message.ExpiresOn}.");
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        return message.Body.ToString();
    }

    private static void AssertFailed(InvocationResult response, string code, string text)
    {
        var result = PredictionScenario.Parse(Assert.Single(response.Outputs["Results"]));
        Assert.Equal("failed", result.GetProperty("status").GetString());
        Assert.Equal(code, result.GetProperty("error").GetProperty("code").GetString());
        AssertText.Contains(text, result.GetProperty("error").GetProperty("message").GetString());
    }

    /// <summary>The server of the tests that need no special settings, models or storage.</summary>
    public sealed class Server(AzuriteFixture azurite) : IAsyncLifetime
    {
        internal PredictionScenario Scenario { get; private set; } = null!;

        public FunctionsHostDouble Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Scenario = await PredictionScenario.CreateAsync(azurite);
            Host = await Scenario.StartUnderHostAsync();
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            await Scenario.DisposeAsync();
        }
    }
}
