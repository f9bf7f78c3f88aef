using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests;

/// <summary>Requests whose inputs need work, such as images. The work runs on the slots of the governor, which has one slot here.</summary>
public sealed class InputWorkTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly Governor _governor = new(slots: 1);
    private readonly ModelCatalog _catalog;
    private readonly Predictor _sut;
    private readonly ManualResetEventSlim _endOfWork = new();

    public InputWorkTests()
    {
        _catalog = TestCatalog.Create(new FakeModelStore().Add("m"), new FakeModelRuntime(), TestBudget.Unlimited(), _time);
        _sut = new Predictor(_catalog, _governor, _time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _sut.DisposeAsync();
        await _catalog.DisposeAsync();
        // A caller receives its result before the slot is free.
        Assert.True(SpinWait.SpinUntil(() => _governor.FreeSlots == 1, WaitLimit.Step));
        _governor.Dispose();
        _endOfWork.Dispose();
    }

    [Fact]
    public async Task PredictAsync_Work_RunsOnAComputeThreadBeforeTheModel()
    {
        string? thread = null;

        using var prediction = await PredictAsync(_ => thread = Thread.CurrentThread.Name);

        Assert.Equal("compute 0", thread);
        Assert.Equal([2f, 2f], prediction.Outputs[0].Tensor.Values<float>().ToArray());
    }

    [Fact]
    public async Task PredictAsync_WorkFails_FailsTheRequest()
    {
        var failure =
            await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(_ => throw InferenceException.InvalidRequest("no image")));

        Assert.Equal("no image", failure.Message);
    }

    [Fact]
    public async Task PredictAsync_CallerCancelsWhileItsWorkWaits_TheWorkNeverRuns()
    {
        var first = await BlockAsync();
        using var cancellation = new CancellationTokenSource();
        var isDone = false;
        var waiting = PredictAsync(_ => isDone = true, cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(WaitLimit.Step));
        _endOfWork.Set();
        (await first.WaitAsync(WaitLimit.Step)).Dispose();
        Assert.False(isDone);
    }

    [Fact]
    public async Task PredictAsync_CallerCancelsDuringItsWork_EndsWhenTheWorkNoLongerReads()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isReading = true;
        var running = PredictAsync(
            token =>
            {
                started.SetResult();
                token.WaitHandle.WaitOne(WaitLimit.Step);
                isReading = false;
                token.ThrowIfCancellationRequested();
            },
            cancellationToken: cancellation.Token);
        await started.Task.WaitAsync(WaitLimit.Step);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(WaitLimit.Step));
        Assert.False(isReading);
    }

    [Fact]
    public async Task PredictAsync_TimeoutWhileItsWorkWaits_IsDeadlineExceeded()
    {
        var first = await BlockAsync();
        var waiting = PredictAsync(_ => { }, timeout: TimeSpan.FromMilliseconds(50));

        _time.Advance(TimeSpan.FromMilliseconds(51));

        var failure = await Assert.ThrowsAsync<InferenceException>(() => waiting.WaitAsync(WaitLimit.Step));
        Assert.Equal(InferenceError.DeadlineExceeded, failure.Error);
        Assert.Contains("50 ms", failure.Message, StringComparison.Ordinal);
        _endOfWork.Set();
        (await first.WaitAsync(WaitLimit.Step)).Dispose();
    }

    [Fact]
    public async Task PredictAsync_MoreWorkThanMayWait_IsRefusedAndCancelledCallersMakeRoom()
    {
        var first = await BlockAsync();
        using var cancellation = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 256).Select(_ => PredictAsync(_ => { }, cancellationToken: cancellation.Token)).ToList();

        var refused = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(_ => { }));
        Assert.Equal((InferenceError.Overloaded, true), (refused.Error, refused.RetryAfter > TimeSpan.Zero));

        await cancellation.CancelAsync();
        foreach (var caller in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.WaitAsync(WaitLimit.Step));
        var next = PredictAsync(_ => { });
        _endOfWork.Set();
        (await first.WaitAsync(WaitLimit.Step)).Dispose();
        (await next.WaitAsync(WaitLimit.Step)).Dispose();
    }

    [Fact]
    public async Task RunWithModelAsync_RunsOnAComputeThreadWithoutTheModel()
    {
        var (thread, model) = await WorkAsync(static (_, _) => Thread.CurrentThread.Name);

        Assert.Equal(("compute 0", "m"), (thread, model));
    }

    [Fact]
    public async Task RunWithModelAsync_CallerCancelsWhileItWaits_TheWorkNeverRuns()
    {
        var first = await BlockAsync();
        using var cancellation = new CancellationTokenSource();
        var isDone = false;
        var waiting = WorkAsync((_, _) => $"{isDone = true}", cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(WaitLimit.Step));
        _endOfWork.Set();
        (await first.WaitAsync(WaitLimit.Step)).Dispose();
        Assert.False(isDone);
    }

    [Fact]
    public async Task RunWithModelAsync_WorkFails_ThrowsItsException()
    {
        var failure = await Assert.ThrowsAsync<InferenceException>(() =>
            WorkAsync(static (_, _) => throw InferenceException.InvalidRequest("no text")));

        Assert.Equal("no text", failure.Message);
    }

    private Task<(string? Result, string Model)> WorkAsync(
        Func<Model, CancellationToken, string?> work, CancellationToken cancellationToken = default) =>
        _sut.RunWithModelAsync(ModelName.Parse("m"), version: default, work, static (work, model, token) =>
            (work(model, token), model.Id.Name.Value), cancellationToken).AsTask();

    /// <summary>Occupies the slot with a request whose work runs until <see cref="_endOfWork"/> is set.</summary>
    private async Task<Task<Prediction>> BlockAsync()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = PredictAsync(token =>
        {
            started.SetResult();
            _endOfWork.Wait(WaitLimit.Step, token);
        });
        await started.Task.WaitAsync(WaitLimit.Step);
        return first;
    }

    private Task<Prediction> PredictAsync(
        Action<CancellationToken> work, TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _sut.PredictAsync(
        ModelName.Parse("m"),
        version: default,
        work,
        (work, _) => new PredictionRequest
        {
            Timeout = timeout,
            RemainingWork = (request, token) =>
            {
                work(token);
                request.Inputs.Add(new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [1, 1]), "x"));
            },
        },
        cancellationToken).AsTask();
}
