using System.Net;
using System.Text;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Host;

/// <summary>Tests requests through the host double to the real executable.</summary>
public sealed class HostServingTests : IDisposable
{
    private const int HostBodyLimit = 104_857_600;

    private readonly TempFolder _models = new();

    /// <summary>The crash journals of other tests' killed processes must not refuse the models of this test.</summary>
    private readonly TempFolder _cache = new();

    public HostServingTests() => TestModels.CopyTo("fixed_batch", _models.Combine("fixed_batch", "1"));

    [Theory]
    [InlineData(InvocationOrder.ForwardFirst, false)]
    [InlineData(InvocationOrder.InvocationFirst, false)]
    [InlineData(InvocationOrder.ForwardFirst, true)]
    public async Task Predict_Digit_IsRecognized(InvocationOrder order, bool loadsAsCollection)
    {
        await using var host = await HostedApp.StartAsync(new() { Order = order, LoadsAsCollection = loadsAsCollection });
        var (label, features) = HostedApp.ReadDigit();

        var response = await host.PostJsonAsync("/models/digits/predict", $"{{\"features\":[{features}]}}");

        Assert.Equal($"{label}", response.GetProperty("labels")[0][0].GetProperty("label").GetString());
        Assert.All(host.Functions, function => Assert.Null(function.LoadError));
    }

    [Fact]
    public async Task Predict_InvocationLongAfterTheRequest_IsAnswered()
    {
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var signals = 0;
        await using var host = await StartAsync(new()
        {
            Order = InvocationOrder.OnSignal,
            // The first invocation loads the model, which may take long. The second one waits until the third request has a response.
            Signal = _ => Interlocked.Increment(ref signals) == 2 ? other.Task : Task.CompletedTask,
        });
        await AssertAnswersAsync(host, 0);
        var waiting = AssertAnswersAsync(host, 1);
        await host.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref signals) >= 2));

        await AssertAnswersAsync(host, 2);
        Assert.False(waiting.IsCompleted);
        other.SetResult();

        await waiting;
    }

    /// <summary>
    /// A page of another site may send any request to a host. The header makes a browser treat each response only as its declared type.
    /// </summary>
    [Fact]
    public async Task Answer_ThroughTheHost_IsNotToBeSniffedAndHostAndOriginAreTheHosts()
    {
        await using var host = await StartAsync();
        foreach (var path in new[] { "/models", "/models/nothing", "/health/live", "/play" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path)
            {
                Headers = { { "Host", "models.example.org" }, { "Origin", "https://evil.example" }, { "Sec-Fetch-Site", "cross-site" } },
            };

            using var response = await host.Client.SendAsync(request);

            Assert.Equal(path == "/models/nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }
    }

    [Fact]
    public async Task Infer_OpenInference_Answers()
    {
        await using var host = await StartAsync();

        var response = await host.PostJsonAsync(
            "/v2/models/fixed_batch/infer",
            "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}");

        Assert.Equal("a", response.GetProperty("id").GetString());
        Assert.Equal("[2,4,6,8]", response.GetProperty("outputs")[0].GetProperty("data").ToString());
    }

    [Theory]
    [InlineData(InvocationOrder.ForwardFirst)]
    [InlineData(InvocationOrder.InvocationFirst)]
    public async Task Predict_64AtOnce_EachGetsItsOwnAnswer(InvocationOrder order)
    {
        await using var host = await StartAsync(new() { Order = order });

        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => AssertAnswersAsync(host, i)));
    }

    [Fact]
    public async Task Predict_ChunkedBody_Arrives()
    {
        await using var host = await StartAsync();
        using var request = Request("{\"features\":[1,2,3,4]}");
        request.Headers.TransferEncodingChunked = true;

        using var response = await host.Client.SendAsync(request);

        Assert.Equal("[[2,4,6,8]]", (await HostedApp.ReadAsync(response)).GetProperty("predictions").ToString());
    }

    [Fact]
    public async Task Predict_BodyAsLargeAsTheHostAllows_Arrives()
    {
        await using var host = await StartAsync();
        foreach (var chunked in (bool[])[false, true])
        {
            // Spaces after JSON are allowed and add no features. The host's limit also counts the framing of chunks.
            using var request = Request("{\"features\":[1,2,3,4]}".PadRight(chunked ? HostBodyLimit - 64 : HostBodyLimit));
            request.Headers.TransferEncodingChunked = chunked;

            using var response = await host.Client.SendAsync(request);

            Assert.Equal("[[2,4,6,8]]", (await HostedApp.ReadAsync(response)).GetProperty("predictions").ToString());
        }
    }

    [Fact]
    public async Task Predict_BodyTheAppRefuses_ReportsItAndTheNextOneSucceeds()
    {
        await using var host = await StartAsync(settings: ("Http__MaxBodySize", "1000000"));
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = Request($"{{\"features\":[{new string('1', HostBodyLimit - 20)}]}}");
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;

            using var response = await host.Client.SendAsync(request);

            Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest]);
            await AssertAnswersAsync(host, 3);
        }
    }

    [Fact]
    public async Task Predict_FunctionLevel_NeedsTheHostsKey()
    {
        await using var host = await StartAsync(new() { FunctionKey = "secret" });
        foreach (var (key, status) in ((string?, int)[])[(null, 401), ("wrong", 401), ("secret", 200)])
        {
            using var request = Request("{\"features\":[1,2,3,4]}");
            if (key is not null)
                request.Headers.Add("x-functions-key", key);

            using var response = await host.Client.SendAsync(request);

            Assert.Equal((key, status), (key, (int)response.StatusCode));
        }

        using var health = await host.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Predict_LoadsAModel_TheLogBelongsToTheInvocation()
    {
        await using var host = await StartAsync();

        using var response = await host.PostAsync("/models/fixed_batch/predict", "{\"features\":[1,2,3,4]}");

        Assert.Contains(
            await host.LogsOfAsync(FunctionsHostDouble.InvocationOf(response)),
            log => log.Message.Contains("Model fixed_batch/1 loaded", StringComparison.Ordinal) && log.Category.Length > 0);
    }

    [Fact]
    public async Task Start_QueueNamesNotSetInTheHost_OnlyTheQueueFunctionIsInError()
    {
        await using var host = await StartAsync();

        Assert.Equal("'%Predictions:Queue%' does not resolve to a value.", host.Function("PredictionQueue").IndexError);
        await AssertAnswersAsync(host, 1);
    }

    [Fact]
    public async Task Worker_KilledInFlight_Is500AndTheNextRequestIsAnswered()
    {
        TestModels.CopyTo("slow", _models.Combine("slow", "1"));
        await using var host = await StartAsync();
        var running = host.PostAsync(HostedApp.Slow, HostedApp.SlowBody(long.MaxValue));
        await host.WaitForLogAsync("Model slow/1 loaded");

        var restart = await host.KillWorkerAsync();

        using var response = await running;
        Assert.Equal((HttpStatusCode.InternalServerError, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.True(await restart);
        await AssertAnswersAsync(host, 2);
    }

    [NativeFact]
    public async Task Worker_StartedWithoutAHost_Refuses()
    {
        await using var host = await StartAsync();
        foreach (var invocationId in (string?[])[null, ""])
        {
            using var client = new HttpClient { BaseAddress = host.WorkerAddress };
            if (invocationId is not null)
                client.DefaultRequestHeaders.TryAddWithoutValidation("x-ms-invocation-id", invocationId);

            using var response = await client.GetAsync(new Uri("health/live", UriKind.Relative));

            Assert.InRange((int)response.StatusCode, 400, 499);
        }
    }

    public void Dispose()
    {
        _models.Dispose();
        _cache.Dispose();
    }

    private static HttpRequestMessage Request(string json) => new(HttpMethod.Post, "/models/fixed_batch/predict")
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };

    private static async Task AssertAnswersAsync(FunctionsHostDouble host, int value)
    {
        var response = await host.PostJsonAsync("/models/fixed_batch/predict", $"{{\"features\":[{value},0,0,1]}}");
        Assert.Equal($"[[{2 * value},0,0,2]]", response.GetProperty("predictions").ToString());
    }

    private Task<FunctionsHostDouble> StartAsync(FunctionsHostOptions? options = null, params (string Name, string Value)[] settings) =>
        HostedApp.StartAsync(options, [("Models__Source", _models.Path), ("Models__CacheDirectory", _cache.Path), .. settings]);
}
