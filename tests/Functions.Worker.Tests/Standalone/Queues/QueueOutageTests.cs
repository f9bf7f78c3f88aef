using Functions.Worker.Registry;
using Functions.Worker.Standalone.Queues;
using Inference.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests outages of the storage, and the polling of empty queues.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class QueueOutageTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly QueueScenario _scenario = new(azurite);

    [Fact]
    public async Task Run_StorageFailsAndRecovers_LogsItOnceAndContinues()
    {
        var ran = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var runs = 0;
        await _scenario.SendAsync("first");
        await azurite.StopAsync();

        var down = _scenario.Log.NextAsync("cannot read queue");
        var listener = _scenario.Start((_, _) =>
        {
            ran[runs++].SetResult();
            return Task.CompletedTask;
        });
        await down;
        await azurite.StartAsync();
        await ran[0].Task.WaitAsync(QueueScenario.Patience);
        down = _scenario.Log.NextAsync("cannot read queue");
        await azurite.StopAsync();
        await down;
        await azurite.StartAsync();
        await _scenario.SendAsync("second");
        await ran[1].Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        var levels = _scenario.Log.Entries.Where(e => e.Text.Contains("read", StringComparison.Ordinal)).Select(e => e.Level).ToList();
        // On a busy machine, the storage may be too slow for the listener after a restart, which is one more outage.
        Assert.InRange(levels.Count, 4, int.MaxValue);
        Assert.Equal(levels.Select((_, i) => i % 2 == 0 ? LogLevel.Warning : LogLevel.Information), levels);
    }

    [Fact]
    public async Task Stop_StorageIsDown_Ends()
    {
        await azurite.StopAsync();
        var down = _scenario.Log.NextAsync("cannot read queue");
        var listener = _scenario.Start((_, _) => Task.CompletedTask);
        await down;

        listener.Stop();
        await listener.EndedAsync();
    }

    [Fact]
    public async Task Run_MessageSentByThisProcess_IsFetchedWithoutAPoll()
    {
        var wire = new Wire();
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wire.After = request =>
        {
            if (Wire.IsReceive(request))
                requested.TrySetResult();
            return Task.CompletedTask;
        };
        var ran = new TaskCompletionSource();
        var signal = new QueueSignal();
        await _scenario.Queue.CreateAsync();
        // The time stands still, so the listener does not poll again.
        var time = new FakeTimeProvider();
        _scenario.Start(
            (_, _) =>
            {
                ran.SetResult();
                return ValueTask.FromResult<IReadOnlyList<FunctionOutput>>([]);
            },
            wire: wire,
            time: time,
            signal: signal);
        await requested.Task.WaitAsync(QueueScenario.Patience);

        await new TargetQueue(_scenario.Queue, signal).SendAsync("in", CancellationToken.None);

        await ran.Task.WaitAsync(QueueScenario.Patience);
    }

    [Fact]
    public async Task Run_EmptyQueue_IsPolledLessAndLessOften()
    {
        var time = new AutoAdvancingTimeProvider();
        await _scenario.Queue.CreateAsync();
        _scenario.Start(
            QueueScenario.Failing("run"), new QueueSettings { MaxPollingInterval = TimeSpan.FromSeconds(2) }, time: time);

        var waits = await time.WaitsAsync(8).WaitAsync(QueueScenario.Patience);

        Assert.Equal(TimeSpan.FromMilliseconds(100), waits[0]);
        for (var i = 1; i < 5; i++)
            Assert.InRange(waits[i].TotalMilliseconds, 100 + (80 << (i - 1)), 100 + (120 << (i - 1)));
        Assert.All(waits.Skip(6), wait => Assert.Equal(TimeSpan.FromSeconds(2), wait));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await azurite.StartAsync();
        await _scenario.DisposeAsync();
    }
}
