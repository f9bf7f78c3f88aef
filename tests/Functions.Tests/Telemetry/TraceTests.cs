using System.Text;
using System.Text.Json;
using Functions.Tests.Host;
using Functions.Tests.Queues;
using Inference.Testing;

namespace Functions.Tests.Telemetry;

/// <summary>Tests the traces that a collector receives from the real executable.</summary>
[Collection(QueuesCollection.Name)]
public sealed class TraceTests(AzuriteFixture azurite)
{
    private const string Predict = "/models/scaling/predict";
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Caller = "b7ad6b7169203331";

    private static readonly string[] Steps = ["encode", "parse", "queue", "run"];

    [Fact]
    public async Task Prediction_OverHttp_IsOneTreeFromItsCallerThroughTheBatch()
    {
        using var folder = new ModelFolder();
        // A batch is always formed only where requests wait for each other. Otherwise, a short run needs none.
        folder.Write("{\"batching\":{\"contract\":\"declared\",\"maxDelay\":\"00:00:00.05\"}}", "scaling", "model.json");
        folder.Write(GeneratedModels.Scaling(2), "scaling", "1", "model.onnx");
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = await folder.ServeAsync(collector.Settings);
        await process.WaitForOutputAsync("Telemetry is sent to OTLP");
        await process.PostJsonAsync(Predict, Features);
        await process.GetAsync("/health/live");

        await PostTracedAsync(process, Predict);
        var trace = await collector.TraceAsync(Trace, spans =>
            Find(spans, "predict") is not null && Find(spans, "batch") is not null && spans.Any(span => span.ParentId == Caller));

        var server = Assert.Single(trace, span => span.ParentId == Caller);
        var prediction = Assert.Single(trace, span => span.ParentId == server.SpanId);
        var children = trace.Where(span => span.ParentId == prediction.SpanId).ToList();
        Assert.Equal("predict", prediction.Name);
        Assert.Equal(["batch", .. Steps], children.Select(span => span.Name).Order());
        Assert.Equal(
            children.Single(span => span.Name == "batch").SpanId, Assert.Single(children.Single(span => span.Name == "run").Links));
        Assert.Equal(7, trace.Count);
        Assert.DoesNotContain(collector.Spans, span => span.Name.Contains("health", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "from-attributes", "inference-functions")]
    [InlineData("from-name", "from-name", "from-attributes")]
    public async Task Resource_OfTheStandardVariables_NamesTheService(string serviceName, string expected, string unexpected)
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("scaling", 1, 2);
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = await folder.ServeAsync(
            [
                .. collector.Settings, ("OTEL_SERVICE_NAME", serviceName),
                ("OTEL_RESOURCE_ATTRIBUTES", "service.name=from-attributes,service.instance.id=instance-7"),
            ]);
        await process.WaitForOutputAsync("Telemetry is sent to OTLP");

        await process.PostJsonAsync(Predict, Features);
        await collector.UntilAsync(() => collector.Spans.Count > 0, () => process.Output);

        var traces = string.Concat(collector.Bodies("/v1/traces").Select(body => Encoding.Latin1.GetString(body)));
        Assert.Contains(expected, traces, StringComparison.Ordinal);
        Assert.Contains("instance-7", traces, StringComparison.Ordinal);
        Assert.DoesNotContain(unexpected, traces, StringComparison.Ordinal);
    }

    /// <summary>The host sends the trace's id in the invocation message, and exports its own span.</summary>
    [Fact]
    public async Task Prediction_UnderAHost_IsOneTreeUnderTheHostsSpan()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var host = await HostedApp.StartAsync(settings: collector.Settings);
        const string Iris = "{\"features\":[1,0,0,0]}";
        // The exporter is created after the start, so requests are sent until a span arrives.
        await collector.UntilAsync(
            async () =>
            {
                await host.PostJsonAsync("/models/iris/predict", Iris);
                return collector.Spans.Any(span => span.Name == "Invoke");
            },
            () => host.Output);
        using var request = new HttpRequestMessage(HttpMethod.Post,
            "/models/iris/predict")
        { Content = new StringContent(Iris, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{Trace}-{Caller}-01");

        using var response = await host.Client.SendAsync(request);
        var trace = await collector.TraceAsync(Trace, spans => Find(spans, "Invoke") is not null && Find(spans, "encode") is not null);

        var ids = trace.Select(span => span.SpanId).ToHashSet();
        var root = Assert.Single(trace, span => !ids.Contains(span.ParentId));
        var prediction = Assert.Single(trace, span => span.ParentId == root.SpanId);
        Assert.Equal(("Invoke", "predict"), (root.Name, prediction.Name));
        // The parent of the root is the host's span, which is a child of the caller's span.
        Assert.NotEqual(Caller, root.ParentId);
        Assert.NotEmpty(root.ParentId);
        Assert.Subset(trace.Where(span => span.ParentId == prediction.SpanId).Select(span => span.Name).ToHashSet(), Steps.ToHashSet());
    }

    [Fact]
    public async Task Batch_OfSeveralTraces_IsLinkedToEach()
    {
        using var folder = new ModelFolder();
        folder.Write("{\"batching\":{\"contract\":\"declared\",\"maxDelay\":\"00:00:50\",\"maxBatch\":3}}", "pair", "model.json");
        TestModels.CopyTo("identity_float", folder.PathOf("pair", "1"));
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = await folder.ServeAsync(collector.Settings);
        await process.WaitForOutputAsync("Telemetry is sent to OTLP");

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => process.PostJsonAsync("/models/pair/predict", "{\"features\":[1]}")));
        await collector.UntilAsync(() =>
            collector.Spans.Count(span => span.Name is "predict" or "batch" or "run") >= 7, () => string.Join('\n', collector.Spans));

        var spans = collector.Spans;
        var batch = Assert.Single(spans, span => span.Name == "batch");
        var predictions = spans.Where(span => span.Name == "predict").Select(span => span.SpanId).ToList();
        Assert.Equal(predictions.Order(), batch.Links.Append(batch.ParentId).Order());
        Assert.All(spans.Where(span => span.Name == "run"), run => Assert.Equal([batch.SpanId], run.Links));
    }

    [Fact]
    public async Task Job_ThroughTheQueue_IsOneTreeToItsResultMessage()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = await scenario.StartAsync(collector.Settings);
        await process.WaitForOutputAsync("Telemetry is sent to OTLP");

        await PostTracedAsync(process, "/models/fixed_batch/jobs");
        var result = JsonDocument.Parse(await PredictionScenario.ReceiveAsync(scenario.Results)).RootElement;
        var trace = await collector.TraceAsync(Trace, spans =>
            Find(spans, "predict") is not null && Find(spans, "process") is not null && spans.Any(span => span.ParentId == Caller));

        var server = Assert.Single(trace, span => span.ParentId == Caller);
        var processing = Assert.Single(trace, span => span.Name == "process");
        var prediction = Assert.Single(trace, span => span.Name == "predict");
        Assert.Equal((server.SpanId, processing.SpanId), (processing.ParentId, prediction.ParentId));
        Assert.Equal($"00-{Trace}-{processing.SpanId}-01", result.GetProperty("traceparent").GetString());
        // The delivery of the message has another trace, to which the processing span is linked.
        await collector.UntilAsync(() => collector.Spans.Any(span => span.Name == "Invoke" && processing.Links.Contains(span.SpanId)),
            () => string.Join('\n', collector.Spans));
    }

    [Fact]
    public async Task Message_OfAForeignTrace_IsPartOfIt()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();

        await scenario.Queue.SendMessageAsync(
            PredictionScenario.CreateMessage("a")
                .Replace("\"model\"", $"\"traceparent\":\"00-{Trace}-{Caller}-01\",\"model\"", StringComparison.Ordinal));
        var result = await PredictionScenario.ReceiveJsonAsync(scenario.Results);

        // The trace is passed on, although this server exports no traces.
        Assert.Equal($"00-{Trace}-{Caller}-01", result.GetProperty("traceparent").GetString());
    }

    private static OtlpSpan? Find(List<OtlpSpan> spans, string name) => spans.Find(span => span.Name == name);

    private static async Task PostTracedAsync(FunctionsProcess process, string path)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(Features, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{Trace}-{Caller}-01");
        using var response = await process.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
