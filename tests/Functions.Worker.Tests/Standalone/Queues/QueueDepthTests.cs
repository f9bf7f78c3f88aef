using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Storage.Queues;
using Functions.Worker.Standalone.Queues;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests the metric with the number of messages on real queues.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class QueueDepthTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Watch_MessagesComeAndAreGivenUp_AreCountedEachInterval()
    {
        await using var scenario = new QueueScenario(azurite);
        var time = new FakeTimeProvider();
        using var sut = new QueueDepth(time);
        using var stop = new CancellationTokenSource();
        await scenario.SendAsync("a", "b", "c");

        var watching = sut.WatchAsync([scenario.Queue, scenario.Poison], stop.Token);
        // A queue that does not exist yet has no messages.
        await UntilAsync(time: null, counts => Is(counts, scenario.Queue, 3) && Is(counts, scenario.Poison, 0), scenario);
        await scenario.Poison.CreateAsync();
        await scenario.Poison.SendMessageAsync("d");
        await scenario.Queue.ClearMessagesAsync();
        await UntilAsync(time, counts => Is(counts, scenario.Queue, 0) && Is(counts, scenario.Poison, 1), scenario);

        await stop.CancelAsync();
        await watching.WaitAsync(QueueScenario.Patience);
    }

    [Fact]
    public async Task Watch_StorageDoesNotAnswer_HasNoNumberUntilItDoes()
    {
        await using var scenario = new QueueScenario(azurite);
        var time = new FakeTimeProvider();
        using var sut = new QueueDepth(time);
        using var stop = new CancellationTokenSource();
        var options = StorageQueues.Options;
        options.Retry.MaxRetries = 0;
        var isDown = false;
        options.AddPolicy(new Wire { Before = _ => isDown ? throw new IOException("The line is cut.") : Task.CompletedTask },
            HttpPipelinePosition.PerCall);
        var queue = new QueueClient(azurite.ConnectionString, scenario.Queue.Name, options);
        await scenario.SendAsync("a");

        var watching = sut.WatchAsync([queue], stop.Token);
        await UntilAsync(time: null, counts => Is(counts, queue, 1), scenario);
        isDown = true;
        await UntilAsync(time, counts => !counts.ContainsKey(queue.Name), scenario);
        isDown = false;
        await UntilAsync(time, counts => Is(counts, queue, 1), scenario);

        await stop.CancelAsync();
        await watching.WaitAsync(QueueScenario.Patience);
    }

    /// <summary>Both clients read the same queue of Azurite. Their addresses differ, as those of two accounts do.</summary>
    [Fact]
    public async Task Watch_QueuesWithOneNameInTwoAccounts_AreCountedTogether()
    {
        await using var scenario = new QueueScenario(azurite);
        var time = new FakeTimeProvider();
        using var sut = new QueueDepth(time);
        using var stop = new CancellationTokenSource();
        var options = StorageQueues.Options;
        options.Retry.MaxRetries = 0;
        var isDown = false;
        options.AddPolicy(
            new Wire
            {
                Before = request =>
                {
                    request.Uri.Host = "127.0.0.1";
                    return isDown ? throw new IOException("The line is cut.") : Task.CompletedTask;
                },
            },
            HttpPipelinePosition.PerCall);
        var address = azurite.ConnectionString.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal);
        var other = new QueueClient(address, scenario.Queue.Name, options);
        await scenario.SendAsync("a");

        var watching = sut.WatchAsync([scenario.Queue, other], stop.Token);
        await UntilAsync(time: null, counts => Is(counts, scenario.Queue, 2), scenario);
        // The sum without the other queue would look complete.
        isDown = true;
        await UntilAsync(time, counts => !counts.ContainsKey(scenario.Queue.Name), scenario);

        await stop.CancelAsync();
        await watching.WaitAsync(QueueScenario.Patience);
    }

    private static bool Is(Dictionary<string, long> counts, QueueClient queue, long expected) =>
        counts.TryGetValue(queue.Name, out var count) && count == expected;

    /// <param name="time">Advances by one interval before each check; null to advance nothing.</param>
    private static async Task UntilAsync(FakeTimeProvider? time, Func<Dictionary<string, long>, bool> expected, QueueScenario scenario)
    {
        using var limit = new CancellationTokenSource(QueueScenario.Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!expected(Read(scenario)))
        {
            time?.Advance(QueueDepth.Interval);
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    private static Dictionary<string, long> Read(QueueScenario scenario)
    {
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "worker.queue.messages")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, labels, _) =>
        {
            var name = (string)labels[0].Value!;
            if (name.StartsWith(scenario.Queue.Name, StringComparison.Ordinal))
                counts[name] = count;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return counts;
    }
}
