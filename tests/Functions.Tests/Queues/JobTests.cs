using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Functions.Tests.Host;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests jobs over HTTP. The test decides when the host double delivers a message of the queue.</summary>
[Collection(QueuesCollection.Name)]
public sealed class JobTests(AzuriteFixture azurite, QueueFunctionTests.Server server) : IClassFixture<QueueFunctionTests.Server>
{
    private const string Submit = "/models/fixed_batch/jobs";
    private const string Body = """{"features":[[1,2,3,4]]}""";

    private readonly string _id = Guid.NewGuid().ToString("N");

    private FunctionsHostDouble Host => server.Host;

    [Fact]
    public async Task Job_FromSubmitToResult_ReportsEveryState()
    {
        using var submitted = await SubmitAsync(Host, Body);
        var location = submitted.Headers.Location!;
        var queued = await AskAsync(Host, location);
        await DeliverAsync();
        using var finished = await Host.Client.GetAsync(location);
        var job = await HostedApp.ReadAsync(finished);

        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        Assert.NotNull(submitted.Headers.RetryAfter);
        Assert.Equal(("queued", 0), (Status(queued), queued.GetProperty("attempts").GetInt32()));
        Assert.Equal(("succeeded", 1), (Status(job), job.GetProperty("attempts").GetInt32()));
        Assert.Equal(("fixed_batch", 1), (job.GetProperty("model").GetString(), job.GetProperty("version").GetInt32()));
        Assert.Equal("[[2,4,6,8]]", job.GetProperty("result").GetProperty("predictions").ToString());
        Assert.True(job.GetProperty("created").GetDateTimeOffset() <= job.GetProperty("started").GetDateTimeOffset());
        Assert.True(job.TryGetProperty("finished", out _));
        Assert.Null(finished.Headers.RetryAfter);
        Assert.Equal("""{"model":"fixed_batch","version":1,"predictions":[[2,4,6,8]]}""",
            await Host.Client.GetStringAsync(new Uri($"{location}/result", UriKind.Relative)));
    }

    [Fact]
    public async Task Job_LargeBodyAndResult_GoByBlob()
    {
        const int Items = 40_000;
        using var submitted = await SubmitAsync(Host, PredictionScenario.LargeBody(Items, "[123456,123456,123456,123456]"));
        var message = await DeliverAsync();
        var job = await AskAsync(Host, submitted.Headers.Location!);

        Assert.Contains("requestBlob", message, StringComparison.Ordinal);
        Assert.False(job.TryGetProperty("result", out _));
        var result = PredictionScenario.Parse(
            await Host.Client.GetStringAsync(new Uri(job.GetProperty("resultUrl").GetString()!, UriKind.Relative)));
        Assert.Equal(Items, result.GetProperty("predictions").GetArrayLength());
    }

    /// <summary>A model that returns its input would show the other job's data to the sender.</summary>
    [Fact]
    public async Task Message_NamesTheRequestOrTheResultOfAnotherJob_Fails()
    {
        using var submitted = await SubmitAsync(Host, PredictionScenario.LargeBody(), _id);
        await DeliverAsync();
        const string Elsewhere = "not in a folder for requests";
        foreach (var (blob, reason) in new[] { ($"requests/{_id}.json", "another job"), ($"{_id}.json", Elsewhere),
            ($"jobs/{_id}.json", Elsewhere) })
        {
            var message =
                $$"""{"id":"{{Guid.NewGuid():N}}","model":"fixed_batch","requestBlob":"{{server.Scenario.Container.Name}}/{{blob}}"}""";

            var response = await Host.InvokeQueueAsync(PredictionScenario.Function, message);

            var result = PredictionScenario.Parse(Assert.Single(response.Outputs["Results"]));
            Assert.Equal("invalidRequest", result.GetProperty("error").GetProperty("code").GetString());
            AssertText.Contains(reason, result.GetProperty("error").GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task Submit_SameKeyAndBody_IsTheSameJob()
    {
        using var first = await SubmitAsync(Host, Body, _id);
        using var second = await SubmitAsync(Host, Body, _id);
        await DeliverAsync();
        using var third = await SubmitAsync(Host, Body, _id);

        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, third.StatusCode]);
        Assert.Equal([$"/jobs/{_id}", $"/jobs/{_id}", $"/jobs/{_id}"], new[] { first, second, third }.Select(r => $"{r.Headers.Location}"));
        Assert.Equal("succeeded", Status(await third.Content.ReadFromJsonAsync<JsonElement>()));
        Assert.Null((await server.Scenario.Queue.ReceiveMessageAsync()).Value);
    }

    [Fact]
    public async Task Submit_SameKeyOtherRequest_Is409()
    {
        using var first = await SubmitAsync(Host, Body, _id);
        using var body = await SubmitAsync(Host, """{"features":[[1,2,3,5]]}""", _id);
        using var version = await SubmitAsync(Host, Body, _id, "/models/fixed_batch/versions/1/jobs");
        await DeliverAsync();

        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict], [body.StatusCode, version.StatusCode]);
        Assert.Contains(_id, await body.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_KeyOfAPredictionByMessage_Is409()
    {
        await Host.InvokeQueueAsync(PredictionScenario.Function, PredictionScenario.CreateMessage(_id));

        using var response = await SubmitAsync(Host, Body, _id);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    [Fact]
    public async Task Submit_AgainAfterACrashBeforeTheMessage_SendsIt()
    {
        using (await SubmitAsync(Host, Body, _id))
            await PredictionScenario.ReceiveAsync(server.Scenario.Queue);
        // A process that ends after the record and before the message leaves this state.
        var record = server.Scenario.Container.GetBlobClient($"jobs/{_id}.json");
        var text = (await record.DownloadContentAsync()).Value.Content.ToString();
        await record.UploadAsync(
            new BinaryData(text.Replace("\"isSent\":true", "\"isSent\":false", StringComparison.Ordinal)), overwrite: true);

        using var repeated = await SubmitAsync(Host, Body, _id);
        await DeliverAsync();

        Assert.Equal("succeeded", Status(await AskAsync(Host, repeated.Headers.Location!)));
    }

    [Theory]
    [InlineData("/models/unknown/jobs", "{}", null, 404)]
    [InlineData("/models/fixed_batch/versions/9/jobs", "{}", null, 404)]
    [InlineData("/models/fixed_batch/versions/x/jobs", "{}", null, 404)]
    [InlineData(Submit, "{", null, 400)]
    [InlineData(Submit, "[]", null, 400)]
    [InlineData(Submit, "{} {}", null, 400)]
    [InlineData(Submit, "{}", "../a", 400)]
    public async Task Submit_WrongRequest_IsRefusedAtOnce(string path, string body, string? key, int status)
    {
        using var response = await SubmitAsync(Host, body, key, path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Job_ThatFails_NamesTheReason()
    {
        using var submitted = await SubmitAsync(Host, """{"features":[1]}""");
        await DeliverAsync();

        var job = await AskAsync(Host, submitted.Headers.Location!);

        Assert.Equal("failed", Status(job));
        Assert.Equal("invalidShape", job.GetProperty("error").GetProperty("code").GetString());
        using var result = await Host.Client.GetAsync(new Uri($"{submitted.Headers.Location}/result", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, result.StatusCode);
    }

    [Fact]
    public async Task Cancel_QueuedJob_NeverRuns()
    {
        using var submitted = await SubmitAsync(Host, Body);
        var cancelled = await HostedApp.DeleteAsync(Host, submitted.Headers.Location!);

        var message = await PredictionScenario.ReceiveAsync(server.Scenario.Queue);
        var response = await Host.InvokeQueueAsync(PredictionScenario.Function, message);

        Assert.Equal("cancelled", Status(cancelled));
        Assert.Equal("cancelled", Status(PredictionScenario.Parse(Assert.Single(response.Outputs["Results"]))));
        var job = await AskAsync(Host, submitted.Headers.Location!);
        Assert.Equal(("cancelled", 0), (Status(job), job.GetProperty("attempts").GetInt32()));
    }

    [Fact]
    public async Task Cancel_FinishedJob_ChangesNothing()
    {
        using var submitted = await SubmitAsync(Host, Body);
        await DeliverAsync();

        Assert.Equal("succeeded", Status(await HostedApp.DeleteAsync(Host, submitted.Headers.Location!)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_RunningJob_EndsTheKernel(bool throughAnotherProcess)
    {
        await using var other = throughAnotherProcess ? await server.Scenario.StartUnderHostAsync() : null;
        using var submitted = await SubmitAsync(Host, HostedApp.SlowBody(long.MaxValue), path: "/models/slow/jobs");
        var message = await PredictionScenario.ReceiveAsync(server.Scenario.Queue);
        var running = Host.InvokeQueueAsync(PredictionScenario.Function, message);
        await Host.WaitForLogAsync("Model slow/1 loaded");
        JsonElement job;
        do
            job = await AskAsync(Host, submitted.Headers.Location!);
        while (Status(job) == "queued");
        Assert.Equal("running", Status(job));

        await HostedApp.DeleteAsync(other ?? Host, submitted.Headers.Location!);

        var response = await running;
        Assert.True(response.Succeeded, $"{response.Exception}");
        Assert.Equal("cancelled", Status(PredictionScenario.Parse(Assert.Single(response.Outputs["Results"]))));
        // The call succeeds only if the slot is free again.
        HostedApp.AssertIsFive(await Host.PostJsonAsync(HostedApp.Slow, HostedApp.SlowBody(1)));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/result")]
    [InlineData("DELETE", "")]
    public async Task Job_Unknown_Is404(string method, string path)
    {
        foreach (var id in (string[])[_id, "..%2fa"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/jobs/{id}{path}");
            using var response = await Host.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Job_PastItsTimeToLive_Is404AndItsIdIsFree()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync(("Predictions__ResultTimeToLive", "00:00:02"));
        using var submitted = await SubmitAsync(host, Body, _id);
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        HttpStatusCode status;
        do
        {
            using var response = await host.Client.GetAsync(submitted.Headers.Location!);
            status = response.StatusCode;
        }
        while (status == HttpStatusCode.OK);

        using var again = await SubmitAsync(host, """{"features":[[9,9,9,9]]}""", _id);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Accepted), (status, again.StatusCode));
    }

    [Fact]
    public async Task Job_WithoutStorage_Is501AndNamesTheSetting()
    {
        await using var host = await HostedApp.StartAsync();

        using var response = await SubmitAsync(host, Body, path: "/models/digits/jobs");

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Contains("AzureWebJobsStorage", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_StorageDown_Is503WithRetryAfter()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        await azurite.StopAsync();

        using var response = await SubmitAsync(host, Body);
        await azurite.StartAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.DoesNotContain("AccountKey", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Status(JsonElement job) => job.GetProperty("status").GetString()!;

    private static async Task<HttpResponseMessage> SubmitAsync(
        FunctionsHostDouble host, string body, string? key = null, string path = Submit)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await host.Client.SendAsync(request);
    }

    private static async Task<JsonElement> AskAsync(FunctionsHostDouble host, Uri location)
    {
        using var response = await host.Client.GetAsync(location);
        return await HostedApp.ReadAsync(response);
    }

    /// <summary>Delivers the next message of the queue, and checks that the invocation succeeds.</summary>
    private async Task<string> DeliverAsync()
    {
        var message = await PredictionScenario.ReceiveAsync(server.Scenario.Queue);
        var result = await Host.InvokeQueueAsync(PredictionScenario.Function, message);
        Assert.True(result.Succeeded, $"{result.Exception}");
        return message;
    }
}
