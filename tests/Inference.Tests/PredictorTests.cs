using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests;

public sealed class PredictorTests : IAsyncLifetime
{
    private readonly FakeModelStore _store = new FakeModelStore().Add("m");
    private readonly FakeTimeProvider _time = new();
    private readonly Governor _governor = new(slots: 2);
    private ModelCatalog? _catalog;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_catalog?.DisposeAsync() ?? ValueTask.CompletedTask);
        _governor.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(100, 4)]
    public async Task PredictAsync_DeclaredContract_SplitsLargeRequestsAndKeepsTheOrder(int items, int runs)
    {
        _store.Configure("m", """{"batching":{"contract":"declared"}}""");
        var runtime = new FakeModelRuntime();

        using var prediction = await PredictAsync(runtime, Floats(new Shape(items, 2)));

        Assert.Equal(Enumerable.Range(0, items * 2).Select(i => 2f * i), prediction.Outputs[0].Tensor.Values<float>().ToArray());
        Assert.Equal(runs, Assert.Single(runtime.Sessions).RunCount);
    }

    [Fact]
    public async Task PredictAsync_NoContract_IsOneRunWhateverItsSize()
    {
        var runtime = new FakeModelRuntime();

        using var prediction = await PredictAsync(runtime, Floats(new Shape(1000, 2)));

        Assert.Equal(new Shape(1000, 2), prediction.Outputs[0].Tensor.Shape);
        Assert.Equal(1, Assert.Single(runtime.Sessions).RunCount);
    }

    [Fact]
    public async Task PredictAsync_FixedBatchOfOne_RunsItemsInParallelWithinTheSlots()
    {
        var runtime = new FakeModelRuntime { ModelSignature = FakeModelRuntime.Signature(1, 2) };
        var (arrived, bothRunning) = (0, new TaskCompletionSource());
        runtime.Run = async (input, _) =>
        {
            Assert.Equal(new Shape(1, 2), input.Shape);
            if (Interlocked.Increment(ref arrived) == 2)
                bothRunning.SetResult();
            await bothRunning.Task;
            return FakeModelRuntime.Double(input);
        };

        using var prediction = await PredictAsync(runtime, Floats(new Shape(9, 2)));

        Assert.Equal(new Shape(9, 2), prediction.Outputs[0].Tensor.Shape);
        Assert.Equal(Enumerable.Range(0, 18).Select(i => 2f * i), prediction.Outputs[0].Tensor.Values<float>().ToArray());
        Assert.Equal((9, 2), (Assert.Single(runtime.Sessions).RunCount, Assert.Single(runtime.Sessions).MaxConcurrentRuns));
    }

    [Fact]
    public async Task PredictAsync_MoreItemsThanARequestMayHave_RefusesBeforeTheFirstRun()
    {
        var runtime = new FakeModelRuntime { ModelSignature = FakeModelRuntime.Signature(1, 2) };

        var exception = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(70_000, 2))));

        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        Assert.Contains("70000 items", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(runtime.Sessions).RunCount);
    }

    [Fact]
    public async Task PredictAsync_OutputsLargerThanARequestMayHave_RefusesWithTheNumbers()
    {
        var runtime = new FakeModelRuntime { ModelSignature = Widening(RequestSize.Limit) };

        var exception = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(2, 2))));

        AssertIsTooLarge(exception);
    }

    /// <summary>
    /// The outputs of two items take three quarters of the limit. Rows of different lengths run in groups, whose outputs are in memory
    /// beside the joined ones.
    /// </summary>
    [Fact]
    public async Task PredictAsync_RowsRunInGroups_CountTwice()
    {
        var runtime = new FakeModelRuntime { ModelSignature = Widening(RequestSize.Limit / 4 * 3 / (2 * sizeof(float))) };
        _catalog = TestCatalog.Create(_store, runtime, TestBudget.Unlimited(), _time);
        await using var sut = new Predictor(_catalog, _governor, _time);

        var exception = await Assert.ThrowsAsync<InferenceException>(async () => await sut.PredictAsync(
            ModelName.Parse("m"), version: default, Floats(new Shape(2, 2)),
            (tensor, _) => new PredictionRequest { Inputs = { new RequestInput("x", tensor, "x") }, RowLengths = [2, 1] },
            CancellationToken.None));

        AssertIsTooLarge(exception);
    }

    [Fact]
    public async Task PredictAsync_NoMemory_IsAnOverload()
    {
        var runtime = new FakeModelRuntime { Run = (_, _) => throw new InsufficientMemoryException() };

        var exception = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(1, 2))));

        Assert.Equal(InferenceError.Overloaded, exception.Error);
        Assert.True(exception.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public async Task PredictAsync_OneItemFails_CancelsTheOthers()
    {
        var runtime = new FakeModelRuntime { ModelSignature = FakeModelRuntime.Signature(1, 2) };
        var waiting = new TaskCompletionSource();
        runtime.Run = async (input, token) =>
        {
            if (input.Values<float>()[0] == 0)
            {
                await waiting.Task;
                throw new InferenceException(InferenceError.RuntimeFailure, "item 0");
            }

            waiting.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException("never");
        };

        var exception = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(50, 2))));

        Assert.Equal("item 0", exception.Message);
        Assert.Equal(2, Assert.Single(runtime.Sessions).RunCount);
    }

    [Fact]
    public async Task PredictAsync_CallerCancels_CancelsTheRun()
    {
        var runtime = new FakeModelRuntime();
        using var cancellation = new CancellationTokenSource();
        runtime.Run = async (_, token) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException("never");
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PredictAsync(runtime, Floats(new Shape(1, 2)), cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassesDuringTheRun_EndsTheRun()
    {
        var runtime = new FakeModelRuntime();
        runtime.Run = async (_, token) =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException("never");
        };

        var exception = await Assert.ThrowsAsync<InferenceException>(
            () => PredictAsync(runtime, Floats(new Shape(1, 2)), timeout: TimeSpan.FromMilliseconds(50)));

        Assert.Equal(InferenceError.DeadlineExceeded, exception.Error);
        Assert.Contains("50 ms", exception.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task PredictAsync_DeadlinePassesWhileItsBatchRuns_OnlyItsRequestFails()
    {
        _store.Configure("m", """{"batching":{"contract":"declared"}}""");
        var runtime = new FakeModelRuntime();
        var (started, busy, joined, end) =
            (new SemaphoreSlim(0), new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        runtime.Run = async (input, token) =>
        {
            started.Release();
            if (input.Shape[0] == 5)
                joined.SetResult();
            await (input.Shape[0] == 5 ? end : busy).Task.WaitAsync(token);
            return FakeModelRuntime.Double(input);
        };
        var first = new List<Task<Prediction>>();
        for (var slot = 0; slot < _governor.Slots; slot++)
        {
            first.Add(PredictAsync(runtime, Floats(new Shape(1, 2))));
            await started.WaitAsync();
        }

        var late = PredictAsync(runtime, Floats(new Shape(2, 2)), timeout: TimeSpan.FromMilliseconds(50));
        var patient = PredictAsync(runtime, Floats(new Shape(3, 2)));
        busy.SetResult();
        await Task.WhenAll(first);
        await joined.Task;

        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(InferenceError.DeadlineExceeded, (await Assert.ThrowsAsync<InferenceException>(() => late)).Error);
        Assert.False(patient.IsCompleted);
        end.SetResult();
        Assert.Equal(new Shape(3, 2), (await patient).Outputs[0].Tensor.Shape);
    }

    [Fact]
    public async Task PredictAsync_AnyOutcome_ReleasesTheLease()
    {
        var runtime = new FakeModelRuntime { Run = (_, _) => throw new InferenceException(InferenceError.RuntimeFailure, "no") };
        await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(1, 2))));
        await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(1, 3))));

        await _catalog!.DisposeAsync();

        await Assert.Single(runtime.Sessions).Ended.WaitAsync(WaitLimit.Step);
    }

    private static Tensor Floats(Shape shape) =>
        Tensor.Create<float>(ElementType.Float32, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => (float)i)]);

    [Fact]
    public async Task PredictAsync_Overload_RefusesWithoutReadingTheRequest()
    {
        var (ended, runtime, started) = (new TaskCompletionSource(), new FakeModelRuntime(), new SemaphoreSlim(0));
        runtime.Run = async (input, _) =>
        {
            started.Release();
            await ended.Task;
            return FakeModelRuntime.Double(input);
        };
        _store.Configure("m", """{"batching":{"queueLimit":1}}""");
        // Two requests run and one waits, so the next request exceeds the limit.
        var accepted = new List<Task<Prediction>>();
        for (var slot = 0; slot < 2; slot++)
        {
            accepted.Add(PredictAsync(runtime, Floats(new Shape(1, 2))));
            await started.WaitAsync();
        }

        accepted.Add(PredictAsync(runtime, Floats(new Shape(1, 2))));
        await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(runtime, Floats(new Shape(1, 2))));
        var wasRead = false;

        var refused =
            await Assert.ThrowsAsync<InferenceException>(async () => await new Predictor(_catalog!, _governor, _time).PredictAsync(
            ModelName.Parse("m"), version: default, 0, (_, _) => throw new InvalidOperationException($"Read: {wasRead = true}"),
            CancellationToken.None));

        Assert.Equal((InferenceError.Overloaded, false), (refused.Error, wasRead));
        ended.SetResult();
        foreach (var prediction in await Task.WhenAll(accepted))
            prediction.Dispose();
    }

    /// <summary>A signature whose output does not have as many columns as its input.</summary>
    private static ModelSignature Widening(long columns) => new(
        [new TensorSpec("x", ElementType.Float32, new Shape(Shape.Dynamic, 2), ["n", ""])],
        [new TensorSpec("y", ElementType.Float32, new Shape(Shape.Dynamic, columns), ["m", ""])]);

    private static void AssertIsTooLarge(InferenceException exception)
    {
        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        Assert.Contains($"one request may need at most {RequestSize.Limit}.", exception.Message, StringComparison.Ordinal);
    }

    private Task<Prediction> PredictAsync(
        FakeModelRuntime runtime, Tensor input, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _catalog ??= TestCatalog.Create(_store, runtime, TestBudget.Unlimited(), _time);
        return new Predictor(_catalog, _governor, _time).PredictAsync(
            ModelName.Parse("m"),
            version: default,
            input,
            (tensor, _) => new PredictionRequest { Inputs = { new RequestInput("x", tensor, "x") }, Timeout = timeout },
            cancellationToken).AsTask();
    }
}
