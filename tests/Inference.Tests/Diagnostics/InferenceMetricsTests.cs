using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Inference.Catalog;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Diagnostics;

/// <summary>The measurements of predictions. Each test has a model name of its own, because other tests predict at the same time.</summary>
public sealed class InferenceMetricsTests : IAsyncLifetime
{
    /// <summary>The duration of the fetch of the files, which is before the measured load.</summary>
    private static readonly TimeSpan Fetch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Run = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BriefRun = TimeSpan.FromMicroseconds(20);

    private readonly ConcurrentQueue<(string Instrument, double Value, string Labels)> _measured = new();
    private readonly ModelName _name = ModelName.Parse($"{Guid.NewGuid():N}");
    private readonly FakeTimeProvider _time = new();
    private readonly Governor _governor = new(slots: 2);
    private readonly FakeModelRuntime _runtime = new();
    private readonly MeterListener _listener = new();
    private readonly ModelCatalog _catalog;
    private readonly Predictor _sut;

    public InferenceMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == InferenceMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Measured(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Measured(instrument, value, labels));
        _listener.Start();
        RunsTake(Run);
        var store = new FakeModelStore
        {
            OnFetch = _ =>
            {
                _time.Advance(Fetch);
                return Task.CompletedTask;
            },
        };
        _catalog = TestCatalog.Create(store.Add(_name.Value), _runtime, TestBudget.Unlimited(), _time);
        _sut = new Predictor(_catalog, _governor, _time);
    }

    [Fact]
    public async Task PredictAsync_ModelIsLoadedFirst_TheRequestTakesTheLoadAndStatisticsLeaveItOut()
    {
        (await PredictAsync()).Dispose();

        Assert.Equal(
            ["inference.batch.size 1 1", "inference.cache.misses 1 1", "inference.model.load.duration 0 1", "inference.queue.duration 0 1",
             "inference.request.duration 7 1", "inference.requests 1 1 ok", "inference.run.duration 2 1"],
            Measured());
        Assert.Equal((1, Run), (Statistics.Success.Count, Statistics.Success.Total));
        Assert.Equal((0, Run), (Statistics.Failure.Count, Statistics.InferTime));
    }

    /// <summary>A brief run is on its caller's thread. Its measurements are the same.</summary>
    [Fact]
    public async Task PredictAsync_RunsAreBrief_IsMeasuredLikeOthers()
    {
        RunsTake(BriefRun);
        (await PredictAsync()).Dispose();
        Forget();

        var predicting = PredictAsync();

        Assert.True(predicting.IsCompletedSuccessfully);
        Assert.Equal(
            ["inference.batch.size 1 1", "inference.cache.hits 1 1", "inference.queue.duration 0 1",
             "inference.request.duration 2E-05 1", "inference.requests 1 1 ok", "inference.run.duration 2E-05 1"],
            Measured());
        Assert.Equal((2, 2 * BriefRun, 2 * BriefRun), (Statistics.Success.Count, Statistics.Success.Total, Statistics.InferTime));
        (await predicting).Dispose();
    }

    [Fact]
    public async Task PredictAsync_ModelIsUnloadedAndLoadedAgain_KeepsItsLabels()
    {
        for (var i = 0; i < 2; i++)
        {
            (await PredictAsync()).Dispose();
            await _catalog.UnloadAsync(_name);
        }

        Assert.Equal(["inference.requests 1 1 ok", "inference.requests 1 1 ok"], Measured()
            .Where(line => line.StartsWith("inference.requests ", StringComparison.Ordinal)));
        Assert.Equal((2, 2 * Run), (Statistics.Success.Count, Statistics.Success.Total));
    }

    [Fact]
    public async Task PredictAsync_RunFails_IsMeasuredAndIsNoInference()
    {
        (await PredictAsync()).Dispose();
        Forget();
        _runtime.Run = (_, _) =>
        {
            _time.Advance(Run);
            throw new InferenceException(InferenceError.RuntimeFailure, "no");
        };

        await Assert.ThrowsAsync<InferenceException>(PredictAsync);

        Assert.Equal(
            ["inference.batch.size 1 1", "inference.cache.hits 1 1", "inference.queue.duration 0 1",
             "inference.request.duration 2 1", "inference.requests 1 1 runtimeFailure", "inference.run.duration 2 1"],
            Measured());
        Assert.Equal((1, Run), (Statistics.Failure.Count, Statistics.Failure.Total));
        Assert.Equal((1, Run), (Statistics.Success.Count, Statistics.InferTime));
    }

    [Fact]
    public async Task PredictAsync_NoSuchVersion_IsMeasuredWithoutOne()
    {
        (await PredictAsync()).Dispose();
        Forget();

        await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(version: 9));

        Assert.Equal(["inference.request.duration 0 ", "inference.requests 1  modelNotFound"], Measured());
        Assert.Equal((1, 0), (Statistics.Success.Count, Statistics.Failure.Count));
    }

    /// <summary>Runs of remote models also start on their callers' threads.</summary>
    [Fact]
    public async Task PredictAsync_CallerLeavesDuringARunOnItsThread_CountsAsCancelledWork()
    {
        RunsTake(BriefRun);
        (await PredictAsync()).Dispose();
        Forget();
        using var leave = new CancellationTokenSource();
        _runtime.Run = async (_, token) =>
        {
            await leave.CancelAsync();
            throw new OperationCanceledException(token);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PredictAsync(version: null, leave.Token));

        Assert.Contains("inference.work.cancelled 1 1 run", Measured());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _sut.DisposeAsync();
        await _catalog.DisposeAsync();
        _governor.Dispose();
    }

    private void RunsTake(TimeSpan duration) => _runtime.Run = (input, _) =>
    {
        _time.Advance(duration);
        return Task.FromResult(FakeModelRuntime.Double(input));
    };

    private ModelStatistics Statistics => Assert.Single(_catalog.GetStatistics(_name, version: null)).Statistics;

    private Task<Prediction> PredictAsync() => PredictAsync(version: null);

    private Task<Prediction> PredictAsync(long? version, CancellationToken cancellationToken = default) => _sut.PredictAsync(
        _name, version, 0,
        static (_, _) =>
            new PredictionRequest
            {
                Inputs = { new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [1, 2]), "x") },
            },
        cancellationToken).AsTask();

    /// <summary>Returns the measurements of the model: the instrument, the value, and the labels except the model's name.</summary>
    private IEnumerable<string> Measured()
    {
        AwaitRuns();
        return _measured
            .Select(one => FormattableString.Invariant($"{one.Instrument} {one.Value} {one.Labels}"))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Removes the measurements so far.</summary>
    private void Forget()
    {
        AwaitRuns();
        _measured.Clear();
    }

    /// <summary>
    /// Waits until the runs have ended. A caller receives its result before its run is measured, and the slot is free after that.
    /// </summary>
    private void AwaitRuns() =>
        Assert.True(SpinWait.SpinUntil(() => _governor.FreeSlots == _governor.Slots, WaitLimit.Step), "A run has not ended.");

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels is [var model, ..] && model.Value is string name && name == _name.Value)
            _measured.Enqueue((instrument.Name, value, string.Join(' ', labels[1..].ToArray().Select(label => label.Value))));
    }
}
