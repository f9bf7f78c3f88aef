using System.Collections.Concurrent;
using System.Threading.Channels;
using Azure.Storage.Queues.Models;
using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests how many messages run at the same time, and how listeners share them.</summary>
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
            // The first batch has three messages. The next batch of three is received when only two are left, so at most five run.
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
                    // Neither listener continues before the other has a message, too.
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

    [Fact]
    public async Task Run_MessagesDeliveredTwiceBefore_RunAlone()
    {
        var running = new HashSet<string>();
        var together = new List<string>();
        var remaining = 14;
        var all = new TaskCompletionSource();
        await _scenario.SendAsync([.. Enumerable.Range(0, 6).Select(i => $"again {i}")]);
        await DeliverAsync(times: 2);
        await _scenario.SendAsync([.. Enumerable.Range(0, 8).Select(i => $"new {i}")]);

        _scenario.Start(async (message, _) =>
        {
            lock (running)
            {
                running.Add(message);
                if (running.Count > 1 && running.Any(m => m.StartsWith("again", StringComparison.Ordinal)))
                    together.Add(string.Join(", ", running));
            }

            // Gives other messages time to start, if they may.
            await Task.Delay(20);
            lock (running)
                running.Remove(message);
            if (Interlocked.Decrement(ref remaining) == 0)
                all.SetResult();
        });
        await all.Task.WaitAsync(QueueScenario.Patience);

        Assert.Empty(together);
    }

    [Fact]
    public async Task Run_MessageDeliveredTwiceBefore_NoOtherIsLeasedBesideIt()
    {
        var others = new List<long>();
        var all = new TaskCompletionSource();
        await _scenario.SendAsync([.. Enumerable.Range(0, 5).Select(i => $"again {i}")]);
        await DeliverAsync(times: 2);

        _scenario.Start(async (_, _) =>
        {
            PeekedMessage[] remaining = await _scenario.Queue.PeekMessagesAsync(32);
            others.AddRange(remaining.Select(message => message.DequeueCount));
            if (remaining.Length == 0)
                all.SetResult();
        });
        await all.Task.WaitAsync(QueueScenario.Patience);

        // The other messages keep their dequeue count of 2. There are 4 beside the first message, 3 beside the second, and so on: 10 in
        // all.
        Assert.Equal(Enumerable.Repeat(2L, 10), others);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Run_MessagesThatDoNotEnd_LendTheirPlacesAndAreReleasedAtTheStop(int deliveries)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _scenario.SendAsync("endless 1", "endless 2");
        await DeliverAsync(deliveries);

        var listener = _scenario.Start(
            async (message, context) =>
            {
                if (message == "other")
                {
                    other.SetResult();
                    return;
                }

                entered.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            },
            QueueScenario.Settings with { BatchSize = 2, NewBatchThreshold = 0 },
            lease: QueueScenario.ShortLease);
        await entered.Task.WaitAsync(QueueScenario.Patience);
        await _scenario.SendAsync("other");
        await other.Task.WaitAsync(QueueScenario.Patience);
        listener.Stop();
        listener.Abort();
        await listener.EndedAsync();

        Assert.Equal(["endless 1", "endless 2"], (await QueueScenario.PeekAsync(_scenario.Queue)).Order());
        Assert.Contains(_scenario.Log.Entries, e => e.Text.Contains("no invocation ended within 3 s", StringComparison.Ordinal));
    }

    /// <summary>Leases all messages and releases them, as a process does that ends.</summary>
    private async Task DeliverAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            QueueMessage[] messages = await _scenario.Queue.ReceiveMessagesAsync(32);
            foreach (var message in messages)
                await _scenario.Queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scenario.DisposeAsync();
}
