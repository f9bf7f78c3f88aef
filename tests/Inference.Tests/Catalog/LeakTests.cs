using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Catalog;

[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakCollection;

/// <summary>Runs real threads under load while many callers cancel, and checks that nothing leaks.</summary>
[Collection(nameof(LeakTests))]
public sealed class LeakTests
{
    private const int Callers = 64;

    [Theory(Timeout = WaitLimit.TestMilliseconds)]
    [InlineData(1, 0)]
    [InlineData(32, 0)]
    [InlineData(8, 300)]
    public async Task PredictAsync_StormsOfLeavingCallers_LeaveNothing(int maxBatch, int microseconds)
    {
        using var buffers = new BufferCount();
        var governor = new Governor(slots: 2);
        var runtime = new FakeModelRuntime
        {
            Plan = new ExecutionPlan(1, maxBatch),
            Run = (input, token) =>
            Task.FromResult(Compute(input, microseconds, token))
        };
        var (served, cancelled) = (0, 0);
        var store = new FakeModelStore().Add("m").Configure("m", """{"batching":{"contract":"declared"}}""");
        await using (var catalog = TestCatalog.Create(store, runtime, TestBudget.Unlimited(), TimeProvider.System))
        {
            var predictor = new Predictor(catalog, governor, TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    if (await IsServedAsync(predictor, caller, i))
                        Interlocked.Increment(ref served);
                    else
                        Interlocked.Increment(ref cancelled);
                }
            })));
        }

        // A caller receives its result before the slot is free, and a run without callers may still be ending.
        Assert.True(
            SpinWait.SpinUntil(
                () => governor.FreeSlots == 2 && runtime.Sessions.All(session => session.IsDisposed), WaitLimit.Step));
        governor.Dispose();
        Assert.Equal(Callers * 50, served + cancelled);
        Assert.True(served > 0 && cancelled > 0);
        Assert.Equal(1, runtime.LoadCount);
        Assert.InRange(governor.StartedThreads, 0, 2);
        // The test runner also rents buffers for a moment.
        Assert.True(SpinWait.SpinUntil(() => buffers.Outstanding == 0, TimeSpan.FromMinutes(1)), $"{buffers.Outstanding}");
    }

    private static async Task<bool> IsServedAsync(Predictor predictor, int caller, int i)
    {
        var random = new Random((caller * 1000) + i);
        using var cancellation = new CancellationTokenSource();
        var prediction = predictor.PredictAsync(
            ModelName.Parse("m"), version: null, random.Next(1, 40), (rows, _) => Request(rows, caller, random), cancellation.Token);
        if (random.Next(2) == 0)
        {
            if (random.Next(2) == 0)
                await Task.Yield();
            await cancellation.CancelAsync();
        }

        try
        {
            using var result = await prediction;
            var values = result.Outputs[0].Tensor.Values<float>();
            Assert.Equal(2f * caller, values[0]);
            Assert.False(values.ContainsAnyExcept(2f * caller));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (InferenceException e) when (e.Error is InferenceError.DeadlineExceeded or InferenceError.Overloaded)
        {
            return false;
        }
    }

    private static PredictionRequest Request(int rows, int caller, Random random)
    {
        var input = Tensor.Create<float>(ElementType.Float32, new Shape(rows, 2), [.. Enumerable.Repeat((float)caller, rows * 2)]);
        return new PredictionRequest
        {
            Inputs = { new RequestInput("x", input, "x") },
            Timeout = random.Next(5) == 0 ? TimeSpan.FromMilliseconds(random.Next(5)) : null,
        };
    }

    private static Tensor Compute(Tensor input, int microseconds, CancellationToken token)
    {
        var end = TimeProvider.System.GetTimestamp() + (microseconds * TimeProvider.System.TimestampFrequency / 1_000_000);
        while (TimeProvider.System.GetTimestamp() < end)
            token.ThrowIfCancellationRequested();
        return FakeModelRuntime.Double(input);
    }

    /// <summary>Counts the arrays that were rented from the shared pool and not returned, by the pool's diagnostic events.</summary>
    private sealed class BufferCount : EventListener
    {
        private readonly ConcurrentDictionary<int, int> _lent = new();

        public int Outstanding => _lent.Values.Sum();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == "BufferRented")
                _lent.AddOrUpdate((int)eventData.Payload![0]!, 1, (_, count) => count + 1);
            else if (eventData.EventName == "BufferReturned" && _lent.ContainsKey((int)eventData.Payload![0]!))
                _lent.AddOrUpdate((int)eventData.Payload![0]!, 0, (_, count) => Math.Max(0, count - 1));
        }
    }
}
