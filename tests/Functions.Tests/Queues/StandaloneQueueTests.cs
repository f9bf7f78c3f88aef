using System.Net;
using Functions.Tests.Host;
using Functions.Tests.Queues.Faults;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests messages, results and jobs of the standalone executable.</summary>
[Collection(QueuesCollection.Name)]
public sealed class StandaloneQueueTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Messages_ValidAndNot_AreAnsweredOrPoison()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();

        await scenario.Queue.SendMessageAsync("hello");
        await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage("a", 3));

        Assert.Equal("hello", await PredictionScenario.ReceiveAsync(scenario.Failed));
        var result = await PredictionScenario.ReceiveJsonAsync(scenario.Results);
        Assert.Equal("[[6,6,6,6]]", result.GetProperty("result").GetProperty("predictions").ToString());
        Assert.Equal(result.ToString(), await scenario.ReadResultAsync("a"));
    }

    /// <summary>
    /// The Bicep templates use a separate account, so that the app's identity needs no role on the account of the Functions host.
    /// </summary>
    [Fact]
    public async Task Messages_DataInAnAccountOfItsOwn_NeedNothingOfTheHostsAccount()
    {
        const string Nowhere =
            "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a";
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process =
            await scenario.StartAsync(("AzureWebJobsStorage", Nowhere), ("InferenceStorage", scenario.ConnectionString));

        await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage("a", 3));

        var result = await PredictionScenario.ReceiveJsonAsync(scenario.Results);
        Assert.Equal(result.ToString(), await scenario.ReadResultAsync("a"));
    }

    [Fact]
    public async Task Message_FailsEveryTime_IsPoisonAndTheRestFlowsOn()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("AzureFunctionsJobHost__extensions__queues__visibilityTimeout", "00:00:00"));

        const string Broken = """{"id":"b","model":"broken","request":{"features":[1]}}""";
        await scenario.Queue.SendMessageAsync(Broken);
        await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage("a"));

        var results = new[] { await PredictionScenario.ReceiveJsonAsync(scenario.Results),
            await PredictionScenario.ReceiveJsonAsync(scenario.Results) };
        Assert.Equal(["a succeeded", "b failed"], results.Select(r => $"{r.GetProperty("id")} {r.GetProperty("status")}").Order());
        Assert.Equal(Broken, await PredictionScenario.ReceiveAsync(scenario.Failed));
    }

    [Fact]
    public async Task Job_Submitted_RunsAndItsResultIsSentToo()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();
        using var submitted = await process.PostAsync("/models/fixed_batch/jobs", """{"features":[[1,2,3,4]]}""");

        var result = await PredictionScenario.ReceiveJsonAsync(scenario.Results);

        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        Assert.Equal($"/jobs/{result.GetProperty("id")}", $"{submitted.Headers.Location}");
        Assert.Equal("succeeded", (await process.GetAsync($"{submitted.Headers.Location}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Job_SameKeyManyTimesAtOnce_IsAcceptedOnce()
    {
        const int Keys = 12;
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();

        var statuses = new List<HttpStatusCode>();
        for (var key = 0; key < Keys; key++)
        {
            var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async repetition =>
            {
                // Some requests arrive while the job ends.
                await Task.Delay(repetition * 3);
                using var response = await SubmitAsync(process, $"key-{key}");
                return response.StatusCode;
            }));
            statuses.AddRange(responses);
        }

        Assert.All(statuses, status => Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.Accepted, HttpStatusCode.OK]));
        // A result message may come twice, but all messages of a job are the same.
        var arrivals = new ResultArrivals(scenario);
        await arrivals.WaitForAsync(Keys, WaitLimit.Step);
        Assert.All(Enumerable.Range(0, Keys), key => Assert.Single(arrivals.Of($"key-{key}")));
    }

    [Fact]
    public async Task Job_CancelledWhileItRuns_FreesItsSlot()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();
        using var submitted = await process.PostAsync("/models/slow/jobs", HostedApp.SlowBody(long.MaxValue));
        await process.WaitForOutputAsync("Model slow/1 loaded");

        using var cancelled = await process.Client.DeleteAsync(submitted.Headers.Location);

        Assert.Equal("cancelled", (await HostedApp.ReadAsync(cancelled)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await PredictionScenario.ReceiveJsonAsync(scenario.Results)).GetProperty("status").GetString());
        HostedApp.AssertIsFive(await process.PostJsonAsync(HostedApp.Slow, HostedApp.SlowBody(1)));
    }

    [Fact]
    public async Task Job_RunsLongerThanItsTimeToLive_KeepsItsStateAndGetsAResult()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Predictions__ResultTimeToLive", "00:00:20"));
        using var submitted = await process.PostAsync("/models/slow/jobs", HostedApp.SlowBody(long.MaxValue));
        var record = scenario.Container.GetBlobClient($"{submitted.Headers.Location}"[1..] + ".json");
        var first = (await record.GetPropertiesAsync()).Value.LastModified;

        // The message expires after 20 s, and the renewal of its lease after 30 s finds that.
        await process.WaitUntilAsync(async () =>
            (await record.GetPropertiesAsync()).Value.LastModified - first > TimeSpan.FromSeconds(32));
        using var cancelled = await process.Client.DeleteAsync(submitted.Headers.Location);

        Assert.Equal("cancelled", (await HostedApp.ReadAsync(cancelled)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await PredictionScenario.ReceiveJsonAsync(scenario.Results)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Terminate_WhileAMessageRuns_ItIsRunAgainByTheNextProcess()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await scenario.Queue.SendMessageAsync($$"""{"id":"a","model":"slow","request":{{HostedApp.SlowBody(50_000)}}}""");
        await using (var first = await scenario.StartAsync())
        {
            await first.WaitForOutputAsync("Model slow/1 loaded");
            first.Terminate();
            Assert.Equal(0, await first.WaitForExitAsync());
        }

        await using var second = await scenario.StartAsync();

        var result = await PredictionScenario.ReceiveJsonAsync(scenario.Results);
        Assert.Equal("succeeded", result.GetProperty("status").GetString());
    }

    private static async Task<HttpResponseMessage> SubmitAsync(FunctionsProcess process, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/models/fixed_batch/jobs", UriKind.Relative))
        {
            Content = new StringContent("""{"features":[[1,2,3,4]]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        return await process.Client.SendAsync(request);
    }
}
