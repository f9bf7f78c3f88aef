using Inference.Tensors;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Gives the memory that large requests leave behind back to the system when they are over. An idle process allocates nothing,
/// so that the collector would not run by itself, and would keep what it frees.
/// </summary>
/// <param name="abandoned">Grows when something large was left to the collector or freed.</param>
/// <param name="collect">Collects, and gives memory back.</param>
internal sealed class MemoryRelease(Func<long> abandoned, Action collect, TimeProvider time) : BackgroundService
{
    /// <summary>Bytes that are kept for their next use; fewer are not worth a collection.</summary>
    private const long WorthTrimming = 8 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static MemoryRelease Create(TimeProvider time) => new(
        static () => RequestMemory.Abandoned + PooledBytes.Freed + (PooledBytes.Kept > WorthTrimming ? PooledBytes.Kept : 0),
        RequestMemory.Reclaim,
        time);

    /// <summary>Collects after an interval in which nothing large was abandoned, so that large requests in a row are not held up.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var collected = abandoned();
        var seen = collected;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var now = abandoned();
            if (now == seen && now != collected)
            {
                collect();
                collected = now;
            }

            seen = now;
        }
    }
}
