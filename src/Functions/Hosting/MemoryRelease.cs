using Inference.Onnx;
using Inference.Tensors;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Returns the memory of large requests to the system after the requests have ended. An idle process allocates nothing, so its garbage
/// collector would not run and would keep the memory.
/// </summary>
/// <param name="getReleased">
/// Returns a number that changes when memory was freed, was left to the garbage collector, or is kept for later requests.
/// </param>
/// <param name="collect">Collects garbage and returns memory to the system.</param>
internal sealed class MemoryRelease(Func<long> getReleased, Action collect, TimeProvider time) : BackgroundService
{
    /// <summary>The number of kept pooled bytes above which a collection is worthwhile.</summary>
    private const long MinKeptBytes = 8 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static MemoryRelease Create(TimeProvider time) => new(
        static () => RequestMemory.Abandoned + PooledBytes.Freed + (PooledBytes.Kept > MinKeptBytes ? PooledBytes.Kept : 0),
        static () =>
        {
            RequestMemory.Reclaim();
            OnnxModelRuntime.TrimMemory();
        },
        time);

    /// <summary>
    /// Collects only after an interval in which no memory was released. A collection therefore does not delay a series of large requests.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var collected = getReleased();
        var previous = collected;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var released = getReleased();
            if (released == previous && released != collected)
            {
                collect();
                collected = released;
            }

            previous = released;
        }
    }
}
