using System.Collections.Concurrent;
using System.Diagnostics;

/// <summary>Sends requests at a fixed rate for one phase.</summary>
internal sealed class OpenLoop(Target target)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentBag<Sample> _samples = [];
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;

    /// <summary>Completes when the last request was sent, before the last response has arrived.</summary>
    public Task Sent => _sent.Task;

    public async Task<Phase> RunAsync(double rate, TimeSpan duration)
    {
        var (requests, unsent) = (new List<Task>(), 0);
        var watch = Stopwatch.StartNew();
        using (var timer = new PeriodicTimer(Tick))
        {
            while (watch.Elapsed < duration)
            {
                for (var due = (int)(watch.Elapsed.TotalSeconds * rate); requests.Count + unsent < due;)
                {
                    if (Volatile.Read(ref _inFlight) < target.Connections)
                        requests.Add(AskAsync());
                    else
                        unsent++;
                }

                await timer.WaitForNextTickAsync();
            }
        }

        var seconds = watch.Elapsed.TotalSeconds;
        _sent.SetResult();
        await Task.WhenAll(requests);
        return new(
            requests.Count / seconds, unsent, Latencies.Of(_samples, SampleOutcome.Accepted), Latencies.Of(_samples, SampleOutcome.Refused),
            _samples.Count(sample => sample.Outcome == SampleOutcome.Failed));
    }

    private async Task AskAsync()
    {
        Interlocked.Increment(ref _inFlight);
        // The pacing thread sends the next request meanwhile.
        await Task.Yield();
        _samples.Add(await target.SendAsync());
        Interlocked.Decrement(ref _inFlight);
    }
}
