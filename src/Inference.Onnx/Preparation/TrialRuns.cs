using Inference.Compute;

namespace Inference.Onnx.Preparation;

/// <summary>The runs by which the preparation of one model learns about it: on compute slots, each under a time limit.</summary>
internal sealed class TrialRuns(Governor governor)
{
    /// <summary>The limit of a run on one slot. It is terminated at its next node.</summary>
    public static readonly TimeSpan OneSlotLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest time for which trial runs hold all slots, but for the node that computes when it is over. What waits for a slot
    /// meanwhile waits that long.
    /// </summary>
    public static readonly TimeSpan AllSlotsLimit = TimeSpan.FromMilliseconds(100);

    private readonly BackgroundJob _job = new(governor);

    public int Slots => governor.Slots;

    /// <summary>Does work on one slot, within <see cref="OneSlotLimit"/>.</summary>
    /// <exception cref="TimeoutException">The work was terminated, because it took longer than its limit.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<T> OnOneSlotAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(work, slots: 1, OneSlotLimit, cancellationToken);

    /// <summary>Does work on all slots, within <see cref="AllSlotsLimit"/>.</summary>
    /// <exception cref="TimeoutException">The work was terminated, because it took longer than its limit.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<T> OnAllSlotsAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(work, Slots, AllSlotsLimit, cancellationToken);

    private Task<T> RunAsync<T>(
        Func<CancellationToken, T> work, int slots, TimeSpan limit, CancellationToken cancellationToken) => _job.RunAsync(
        () =>
        {
            // Since the work began: it may have waited long for its slots.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(limit);
            try
            {
                return work(end.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"A trial run took longer than {limit.TotalSeconds} s.");
            }
        },
        slots,
        cancellationToken);
}
