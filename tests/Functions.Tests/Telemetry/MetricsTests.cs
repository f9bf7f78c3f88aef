using System.Net;
using System.Text.RegularExpressions;
using Functions.Tests.Host;
using Functions.Tests.Queues;
using Inference.Testing;

namespace Functions.Tests.Telemetry;

/// <summary>Tests GET /metrics of the real executable.</summary>
[Collection(QueuesCollection.Name)]
public sealed partial class MetricsTests(AzuriteFixture azurite)
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    [Fact]
    public async Task Scrape_DuringLoad_CountsEveryRequest()
    {
        const int Clients = 16;
        const int Each = 50;
        using var folder = new ModelFolder();
        folder.WriteScaling("a", 1, 2);
        folder.WriteScaling("b", 3, 2);
        await using var process = await folder.ServeAsync();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await process.PostJsonAsync(client % 2 == 0 ? "/models/a/predict" : "/models/b/versions/3/predict", Features);
                await Scrape.ReadAsync(process);
            }
        })));

        using var wrong = await process.PostAsync("/models/a/predict", "{\"features\":[1]}");
        using var unknown = await process.PostAsync("/models/made-up/predict", Features);
        using var malformed = await process.PostAsync("/models/a/predict", "");
        // The worker itself refuses a request without a route.
        using var routeless = await process.PostAsync("/nothing", Features);
        const int Half = Clients * Each / 2;
        // A run is recorded after its response.
        var scrape = await Scrape.UntilAsync(process, scrape => scrape["""inference_batch_size_sum{model="a",version="1"}"""] == Half);

        Assert.Equal(Half, scrape["""inference_requests_total{model="a",version="1",code="ok"}"""]);
        Assert.Equal(Half, scrape["""inference_requests_total{model="b",version="3",code="ok"}"""]);
        Assert.Equal(2, scrape["""inference_requests_total{model="a",version="1",code="invalidRequest"}"""]);
        Assert.Equal(1, scrape["""inference_requests_total{model="_unknown",version="",code="modelNotFound"}"""]);
        Assert.Equal(Half + 2, scrape["""inference_request_duration_seconds_count{model="a",version="1"}"""]);
        Assert.Equal(Half + 2, scrape["""inference_request_duration_seconds_bucket{model="a",version="1",le="+Inf"}"""]);
        Assert.Equal(Half, scrape["""inference_queue_duration_seconds_count{model="a",version="1"}"""]);
        Assert.Equal(Half + 2,
            scrape["""inference_cache_hits_total{model="a",version="1"}"""]
            + scrape["""inference_cache_misses_total{model="a",version="1"}"""]);
        Assert.Equal(1, scrape["""inference_model_load_duration_seconds_count{model="a",version="1"}"""]);
        Assert.Equal(4, scrape.Sum("inference_errors_total"));
        Assert.Equal(1, scrape["""inference_errors_total{code="routeNotFound"}"""]);
        Assert.Contains("\ninference_requests_in_flight 0\n", scrape.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("made-up", scrape.Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// The scrape must have every metric of the documentation's table. <see cref="DocumentedMetricsTests"/> finds metrics without a row.
    /// </summary>
    [Fact]
    public async Task Scrape_AfterEverythingHappened_HasEveryDocumentedSeries()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        // A declared contract is known after the load. A proof runs in the background, and could end after the scrape.
        scenario.WriteSettings("gather", """{"batching":{"contract":"declared"}}""");
        // The budget is smaller than any model needs, so each load evicts the previous model.
        await using var process = await scenario.StartAsync(("Models__MemoryBudget", "1MiB"));
        using var cancellation = new CancellationTokenSource();
        using (var failed = await process.PostAsync("/models/broken/predict", Features))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        for (var i = 0; i < 2; i++)
            await process.PostJsonAsync("/models/gather/predict", "{\"features\":[1]}");
        using (var job = await process.PostAsync("/models/fixed_batch/jobs", Features))
            Assert.Equal(HttpStatusCode.Accepted, job.StatusCode);
        await PredictionScenario.ReceiveAsync(scenario.Results);
        await scenario.Queue.SendMessageAsync("no prediction");
        await PredictionScenario.ReceiveAsync(scenario.Failed);
        // The alert about given-up messages searches for this text.
        await process.WaitForOutputAsync("A message was given up (invalidMessage) and is in the queue of failed messages");

        var leaving = process.PostAsync("/v2/models/slow/infer", HostedApp.SlowBody(long.MaxValue), cancellation.Token);
        await Scrape.UntilAsync(process, IsOneRunOfSlow);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        scenario.ReplaceModel("fixed_batch", "fixed_batch_four");
        // The server refuses the new file if the model is loaded, because the shape has changed, and otherwise accepts it. Both count as a
        // reload.
        using (await process.PostAsync("/v2/repository/models/fixed_batch/load", ""))
        {
        }

        var scrape =
            await Scrape.UntilAsync(process, scrape => scrape["inference_requests_in_flight"] == 0 && scrape["inference_slots_used"] == 0);

        Assert.Equal(1, scrape["""inference_work_cancelled_total{model="slow",version="1",stage="run"}"""]);
        Assert.Equal(1, scrape["""inference_cache_evictions_total{model="gather",version="1",reason="memory"}"""]);
        Assert.Equal(
            (1, 1, 1),
            (scrape["""inference_jobs_total{state="queued"}"""], scrape["""inference_jobs_total{state="running"}"""],
                scrape["""inference_jobs_total{state="succeeded"}"""]));
        Assert.Equal(1, scrape.Sum("inference_model_reloads_total"));
        Assert.Equal(1, scrape["""inference_messages_failed_total{code="invalidMessage"}"""]);
        Assert.True(scrape["""worker_startup_duration_seconds{stage="listening"}"""] is > 0 and < 60, scrape.Text);
        AssertText.SameItems(
            ("docs/operating.md", Documented()),
            ("the scrape", scrape.Types.Where(type => !type.Key.StartsWith("dotnet_", StringComparison.Ordinal))
                .Select(type => $"{type.Key} {type.Value}")),
            "A documented metric must be in the scrape: cause it in this test. A metric of the scrape must be documented.");
    }

    /// <summary>
    /// Returns whether only one request is in flight and runs. A measurement of the model in the background may use another slot for a
    /// second.
    /// </summary>
    private static bool IsOneRunOfSlow(Scrape scrape) =>
        scrape["""inference_batches_running{model="slow",version="1"}"""] == 1
        && scrape["inference_requests_in_flight"] == 1
        && scrape["inference_slots_used"] == 1;

    /// <summary>Returns the rows of the table in docs/operating.md: the name and the type of each metric.</summary>
    internal static IEnumerable<string> Documented() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "operating.md"))
            .Select(line => Row().Match(line)).Where(row => row.Success).Select(row => $"{row.Groups[1]} {row.Groups[2]}");

    [GeneratedRegex("^\\| `(\\w+)` \\| (counter|gauge|histogram) ")]
    private static partial Regex Row();
}
