using System.Collections.Concurrent;
using System.Diagnostics;
using Inference.Catalog;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Diagnostics;

/// <summary>The spans of predictions. Each test has a caller's span of its own, because other tests predict at the same time.</summary>
public sealed class PredictionTraceTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivitySource _callers = new("Inference.Tests.Callers");
    private readonly ActivityListener _listener;
    private readonly Activity _caller;
    private readonly Governor _governor = new(slots: 2);
    private readonly FakeModelRuntime _runtime = new();
    private readonly ModelCatalog _catalog;

    public PredictionTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is InferenceActivities.SourceName or "Inference.Tests.Callers",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _caller = _callers.StartActivity("caller")!;
        _catalog = TestCatalog.Create(new FakeModelStore().Add("m"), _runtime, TestBudget.Unlimited(), TimeProvider.System);
    }

    [Fact]
    public async Task PredictAsync_ModelIsLoadedFirst_StepsFollowEachOtherUnderOneSpan()
    {
        (await PredictAsync()).Dispose();

        var prediction = Assert.Single(Ended("predict"));
        Assert.Equal(_caller.SpanId, prediction.ParentSpanId);
        Assert.Equal(("m", 1L, ErrorCodes.Ok),
            (prediction.GetTagItem("inference.model"), prediction.GetTagItem("inference.model.version"),
                prediction.GetTagItem("inference.code")));
        var steps = ((string[])["load", "parse", "queue", "run", "encode"]).Select(name => Assert.Single(Ended(name))).ToList();
        Assert.All(steps, step => Assert.Equal(prediction.SpanId, step.ParentSpanId));
        Assert.All(steps.Zip(steps.Skip(1)), pair =>
            Assert.True(pair.First.StartTimeUtc + pair.First.Duration <= pair.Second.StartTimeUtc.AddTicks(1)));
    }

    [Fact]
    public async Task PredictAsync_AnswerIsNotWrittenYet_SpanContinuesAndIsNotTheCallers()
    {
        using var prediction = await PredictAsync();

        Assert.Empty(Ended("predict"));
        Assert.Same(_caller, Activity.Current);
        prediction.Dispose();
        Assert.Single(Ended("predict"));
        Assert.Same(_caller, Activity.Current);
    }

    [Fact]
    public async Task PredictAsync_RunFails_SpanDescribesTheFailure()
    {
        _runtime.Run = (_, _) => throw new InferenceException(InferenceError.RuntimeFailure, "no");

        await Assert.ThrowsAsync<InferenceException>(PredictAsync);

        var prediction = Assert.Single(Ended("predict"));
        Assert.Equal((ActivityStatusCode.Error, "runtimeFailure"), (prediction.Status, prediction.StatusDescription));
        Assert.Single(Ended("run"));
        Assert.Empty(Ended("encode"));
        Assert.Same(_caller, Activity.Current);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _catalog.DisposeAsync();
        _governor.Dispose();
        _caller.Dispose();
        _listener.Dispose();
        _callers.Dispose();
    }

    private List<Activity> Ended(string name) =>
        [.. _ended.Where(activity => activity.TraceId == _caller.TraceId && activity.OperationName == name)];

    private Task<Prediction> PredictAsync() =>
        new Predictor(_catalog, _governor, TimeProvider.System).PredictAsync(ModelName.Parse("m"), null, 0, static (_, _) =>
        {
            var tensor = Tensor.Rent(ElementType.Float32, new Shape(1, 2));
            tensor.Data.Span.Clear();
            return new PredictionRequest { Inputs = { new RequestInput("x", tensor, "x") } };
        }, CancellationToken.None).AsTask();
}
