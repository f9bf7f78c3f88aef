using Functions.Worker.Standalone.Queues;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>A running listener, and the two ways to end it.</summary>
internal sealed class RunningListener : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Task _running;

    public RunningListener(QueueListener listener, DrainLimits limits) =>
        _running = Task.Run(() => listener.RunAsync(limits, _stop.Token, _abort.Token));

    /// <summary>Starts the drain.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends the grace period: cancels the running invocations.</summary>
    public void Abort() => _abort.Cancel();

    public Task EndedAsync() => _running.WaitAsync(QueueScenario.Patience);

    /// <summary>Starts the drain and waits until the running messages have ended.</summary>
    public Task StopAsync()
    {
        Stop();
        return EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        Abort();
        await EndedAsync();
        _stop.Dispose();
        _abort.Dispose();
    }
}
