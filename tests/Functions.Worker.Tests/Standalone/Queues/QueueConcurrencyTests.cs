using System.Collections.Concurrent;
using System.Threading.Channels;
using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>How many messages are in work, and whose.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class QueueConcurrencyTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly QueueScenario _scenario = new(azurite);

    [Fact]
    public async Task Run_ThresholdReached_FetchesABatchMoreAndNoMore()
    {
        var inWork = 0;
        var most = 0;
        var entered = Channel.CreateUnbounded<TaskCompletionSource>();
        await _scenario.SendAsync([.. Enumerable.Range(0, 12).Select(i => $"{i}")]);
        _scenario.Start(
            async (_, _) =>
            {
                var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                lock (entered)
                    most = Math.Max(most, ++inWork);
                entered.Writer.TryWrite(go);
                await go.Task;
                lock (entered)
                    inWork--;
            },
            QueueScenario.Settings with { BatchSize = 3, NewBatchThreshold = 2 });

        var held = new Queue<TaskCompletionSource>();
        for (var i = 0; i < 12; i++)
        {
            // With three, the first batch, nothing more comes before one has ended; then three beside the two that are left.
            if (held.Count == 3 && i == 3)
                held.Dequeue().SetResult();
            if (held.Count == 5)
                Release(3);
            held.Enqueue(await entered.Reader.ReadAsync().AsTask().WaitAsync(QueueScenario.Patience));
        }

        Release(held.Count);
        Assert.Equal(5, most);

        void Release(int count)
        {
            for (var i = 0; i < count; i++)
                held.Dequeue().SetResult();
        }
    }

    [Fact]
    public async Task Run_TwoListeners_ShareTheMessages()
    {
        const int Count = 40;
        var runs = new ConcurrentBag<(int Listener, string Message)>();
        var entered = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var all = new TaskCompletionSource();
        await _scenario.SendAsync([.. Enumerable.Range(0, Count).Select(i => $"{i}")]);

        for (var i = 0; i < 2; i++)
        {
            var listener = i;
            _scenario.Start(
                async (message, _) =>
                {
                    // Neither goes on before the other has a message too.
                    entered[listener].TrySetResult();
                    await entered[1 - listener].Task.WaitAsync(QueueScenario.Patience);
                    runs.Add((listener, message));
                    if (runs.Count >= Count)
                        all.TrySetResult();
                },
                QueueScenario.Settings with { BatchSize = 4, NewBatchThreshold = 2 });
        }

        await all.Task.WaitAsync(QueueScenario.Patience);

        Assert.Equal(Count, runs.Select(r => r.Message).Distinct().Count());
        Assert.Equal(Count, runs.Count);
        Assert.DoesNotContain(_scenario.Log.Entries, e => e.Level >= LogLevel.Warning);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scenario.DisposeAsync();
}
