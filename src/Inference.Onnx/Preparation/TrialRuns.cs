using Inference.Compute;

namespace Inference.Onnx.Preparation;

/// <summary>Executes the runs that prepare one model, on compute slots (<see cref="Governor"/>) and with a time limit.</summary>
internal sealed class TrialRuns(Governor governor, TimeProvider time)
{
    /// <summary>The time limit of work on one slot. After this time, the run is terminated before its next node.</summary>
    public static readonly TimeSpan OneSlotLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time limit of work on all slots. After this time, the run is terminated before its next node. Requests can wait this long for a
    /// slot.
    /// </summary>
    public static readonly TimeSpan AllSlotsLimit = TimeSpan.FromMilliseconds(100);

    private readonly BackgroundJob _job = new(governor);

    /// <summary>The number of compute slots.</summary>
    public int Slots => governor.Slots;

    /// <summary>Runs work on one slot, within <see cref="OneSlotLimit"/>.</summary>
    /// <exception cref="TimeoutException">The work was terminated, because it took longer than its limit.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<T> RunOnOneSlotAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(work, slots: 1, OneSlotLimit, cancellationToken);

    /// <summary>Runs work on all slots, within <see cref="AllSlotsLimit"/>.</summary>
    /// <exception cref="TimeoutException">The work was terminated, because it took longer than its limit.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<T> RunOnAllSlotsAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(work, Slots, AllSlotsLimit, cancellationToken);

    private Task<T> RunAsync<T>(
        Func<CancellationToken, T> work, int slots, TimeSpan limit, CancellationToken cancellationToken) => _job.RunAsync(
        () =>
        {
            // The limit starts when the work starts, because the work may have waited for its slots.
            using var timeout = new CancellationTokenSource(limit, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            try
            {
                return work(linked.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"A trial run took longer than {limit.TotalSeconds} s.");
            }
        },
        slots,
        cancellationToken);
}
