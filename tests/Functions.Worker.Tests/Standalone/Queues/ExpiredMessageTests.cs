using System.Diagnostics;
using Functions.Worker.Registry;
using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests messages that expire in the queue while they are being processed.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ExpiredMessageTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(2);

    private readonly QueueScenario _scenario = new(azurite);
    private readonly TaskCompletionSource _expired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Run_MessageExpires_ContinuesAndSendsItsOutputs()
    {
        var listener = await StartAsync(() => [new FunctionOutput("results", "out")]);

        await _expired.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(["out"], await QueueScenario.PeekAsync(_scenario.Results));
        Assert.DoesNotContain(_scenario.Log.Entries, e => e.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Run_MessageExpiresAndFails_MovesToPoison()
    {
        var listener = await StartAsync(() => throw new InvalidOperationException("bad"));

        await _expired.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(["in"], await QueueScenario.PeekAsync(_scenario.Poison));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scenario.DisposeAsync();

    /// <summary>Sends a message that soon expires, and starts a function that completes after the first renewal beyond that.</summary>
    private async Task<RunningListener> StartAsync(Func<IReadOnlyList<FunctionOutput>> complete)
    {
        await _scenario.Queue.CreateIfNotExistsAsync();
        var watch = Stopwatch.StartNew();
        await _scenario.Queue.SendMessageAsync("in", timeToLive: TimeToLive);
        var wire = new Wire();
        wire.After = request =>
        {
            if (Wire.IsUpdate(request) && watch.Elapsed >= TimeToLive)
                _expired.TrySetResult();
            return Task.CompletedTask;
        };
        return _scenario.Start(
            async (_, context) =>
            {
                await _expired.Task.WaitAsync(context.CancellationToken);
                return complete();
            },
            wire: wire,
            lease: QueueScenario.ShortLease);
    }
}
