using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Reload;
using Inference.Requests;
using Inference.Shadow;
using Inference.Tensors;
using Inference.Testing;
using Inference.Tests.Catalog;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Shadow;

/// <summary>Version 2 serves the requests, and version 1 is its shadow. The tag of a version is the output of its model.</summary>
public sealed class ShadowTests : ILogger, IAsyncLifetime
{
    private static readonly ModelName Name = ModelName.Parse("m");

    private readonly FakeModelStore _store = new FakeModelStore().Configure("m", """{"versions":{"shadow":1}}""");
    private readonly TaggedRuntime _runtime = new();
    private readonly Governor _governor = new(slots: 2);
    private readonly FakeTimeProvider _time = new();
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly ConcurrentQueue<string> _warnings = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var owned in _owned)
            await owned.DisposeAsync();
        _governor.Dispose();
        // A run may hold its session for a moment after it has returned its result.
        await Task.WhenAll(_runtime.Sessions.Select(session => session.Ended)).WaitAsync(WaitLimit.Step);
    }

    [Fact]
    public async Task Predict_ShadowSaysTheSame_IsComparedAndNotDifferent()
    {
        _store.Add("m", 1, "20").Add("m", 2, "20");
        var (catalog, predictor) = Create();

        Assert.Equal(20, await PredictAsync(predictor));
        await WaitForCountsAsync(catalog, counts => counts.Compared == 1);

        Assert.Equal((0, 0, 0, 0), await ReadFiguresAsync(catalog));
    }

    [Fact]
    public async Task Predict_ShadowSaysSomethingElse_IsCountedWithTheLargestDifference()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var (catalog, predictor) = Create();

        await PredictAsync(predictor);
        await WaitForCountsAsync(catalog, counts => counts.Different == 1);

        Assert.Equal((1, 0, 0, 10), await ReadFiguresAsync(catalog));
    }

    [Fact]
    public async Task Predict_ShadowDoesNotLoad_TheCallerGetsTheAnswer()
    {
        _store.Add("m", 1, "broken").Add("m", 2, "20");
        var (catalog, predictor) = Create();

        Assert.Equal(20, await PredictAsync(predictor));
        await WaitForCountsAsync(catalog, counts => counts.Failed == 1);

        Assert.Equal((0, 1, 0, 0), await ReadFiguresAsync(catalog));
    }

    [Fact]
    public async Task Predict_VersionIsNamed_HasNoShadow()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var (catalog, predictor) = Create();

        await PredictAsync(predictor, VersionSelector.FromNumber(2));
        await PredictAsync(predictor);
        await WaitForCountsAsync(catalog, counts => counts.Compared > 0);

        Assert.Equal(1, (await GetCountsAsync(catalog))!.Compared);
    }

    [Fact]
    public async Task Predict_ShadowIsSlow_AnswersDoNotWaitAndMoreThanAFewAreDropped()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var loading = new TaskCompletionSource();
        var (catalog, predictor) = Create();
        using (await catalog.LeaseAsync(Name, default, CancellationToken.None))
            _store.OnFetch = token => loading.Task.WaitAsync(token);

        for (var request = 0; request < ShadowTraffic.MaxWaiting + 4; request++)
            Assert.Equal(20, await PredictAsync(predictor));
        var dropped = (await GetCountsAsync(catalog))!.Dropped;
        loading.SetResult();
        await WaitForCountsAsync(catalog, counts => counts.Compared + counts.Dropped == ShadowTraffic.MaxWaiting + 4);

        // One request more fits if the first request had already left the queue to run.
        Assert.InRange(dropped, 3, 4);
    }

    [Fact]
    public async Task Predict_NoRoomForTheShadow_IsCountedAsDropped()
    {
        _store.Add("m", 1, "10", size: 100).Add("m", 2, "20", size: 100);
        var (catalog, predictor) = Create(TestBudget.WithLimit(150));

        for (var request = 0; request < 3; request++)
            Assert.Equal(20, await PredictAsync(predictor));

        Assert.Equal(3, (await GetCountsAsync(catalog))!.Dropped);
        Assert.Single(_runtime.Sessions);
    }

    [Fact]
    public async Task Predict_ShadowDiffersAgainAndAgain_IsLoggedOnceAMinute()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var (catalog, predictor) = Create();

        foreach (var (seconds, different) in ((int, int)[])[(0, 1), (59, 2), (1, 3), (59, 4)])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await PredictAsync(predictor);
            await WaitForCountsAsync(catalog, counts => counts.Different == different);
        }

        // The disposal ends the comparison in progress, including its log message.
        _owned.Remove(predictor);
        await predictor.DisposeAsync();
        Assert.Collection(
            _warnings,
            first => Assert.Contains("in 1 of 1 runs, by at most 10", first, StringComparison.Ordinal),
            second => Assert.Contains("in 3 of 3 runs", second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dispose_ShadowIsAtIt_EndsAndDropsWaitingRequests()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var (catalog, predictor) = Create();
        using (await catalog.LeaseAsync(Name, default, CancellationToken.None))
            _store.OnFetch = token => Task.Delay(Timeout.Infinite, token);
        await PredictAsync(predictor);
        await PredictAsync(predictor);

        _owned.Remove(predictor);
        await predictor.DisposeAsync();

        Assert.Equal((0, 0, 0, 0), await ReadFiguresAsync(catalog));
    }

    [Fact]
    public async Task Predict_ShadowIsRemovedFromTheSettings_RunsNoMore()
    {
        _store.Add("m", 1, "10").Add("m", 2, "20");
        var (catalog, predictor) = Create();
        await PredictAsync(predictor);
        await WaitForCountsAsync(catalog, counts => counts.Compared == 1);

        _store.Configure("m", """{"versions":{}}""");
        await using (var reloader = new ModelReloader(catalog, _store, TimeSpan.Zero, TimeProvider.System))
            await reloader.ReloadAsync(Name, CancellationToken.None);
        await PredictAsync(predictor);

        Assert.Null(await GetCountsAsync(catalog));
        Assert.Equal(1, _runtime.Sessions.Single(session => session.Tag == "10").Runs);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _warnings.Enqueue(formatter(state, exception));

    private (ModelCatalog Catalog, Predictor Predictor) Create(MemoryBudget? budget = null)
    {
        var catalog = TestCatalog.Create(_store, _runtime, budget ?? TestBudget.Unlimited(), _time, logger: this);
        var predictor = new Predictor(catalog, _governor, _time);
        _owned.AddRange([predictor, catalog]);
        return (catalog, predictor);
    }

    private static async Task<float> PredictAsync(Predictor predictor, VersionSelector version = default)
    {
        using var prediction = await predictor.PredictAsync(
            Name,
            version,
            1f,
            static (value, _) =>
                new PredictionRequest
                {
                    Inputs = { new RequestInput("x",
                    Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [value, value]), "x") }
                },
            CancellationToken.None);
        return prediction.Outputs[0].Tensor.Values<float>()[0];
    }

    private static async Task<ShadowCounts?> GetCountsAsync(ModelCatalog catalog) =>
        (await catalog.ListAsync(Name, CancellationToken.None)).Single(status => status.Version.Id.Version == 1).Shadow;

    private static async Task<(long Different, long Failed, long Dropped, double Largest)> ReadFiguresAsync(ModelCatalog catalog)
    {
        var counts = (await GetCountsAsync(catalog))!;
        return (counts.Different, counts.Failed, counts.Dropped, counts.LargestDifference);
    }

    private static async Task WaitForCountsAsync(ModelCatalog catalog, Func<ShadowCounts, bool> reached)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        while (!reached((await GetCountsAsync(catalog))!))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
