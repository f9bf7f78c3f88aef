namespace Inference.Compute;

/// <summary>
/// The lending of slots. When a client without a run in progress waits and no run ends for a while, all runs in progress lend their slots.
/// A lent slot counts as free, although its run continues. The operating system then shares the processors between these long runs and the
/// new runs. A model whose runs never end therefore does not block the other models. No client has more runs at once than there are slots.
/// </summary>
public sealed partial class Governor
{
    /// <summary>The time after which slots are lent, when work waits and no run ends.</summary>
    internal static readonly TimeSpan LendAfter = TimeSpan.FromSeconds(1);

    /// <summary>The number of slots that runs in progress have lent.</summary>
    private int _lentSlots;

    /// <summary>
    /// The number of times that slots were lent. Each time, all runs in progress lend their slots; see <see cref="UpdateLentSlots"/>.
    /// </summary>
    private int _epoch;

    /// <summary>The timer that fires while work waits; null for a governor that never lends slots.</summary>
    private readonly ITimer? _watchTimer;
    private bool _isWatching;
    /// <summary>The number of runs that have ended.</summary>
    private long _endedRuns;
    /// <summary>The value of <see cref="_endedRuns"/> at the last check.</summary>
    private long _endedRunsAtCheck;

    /// <summary>The number of slots that runs in progress have lent.</summary>
    internal int LentSlots
    {
        get
        {
            lock (_gate)
                return _lentSlots;
        }
    }

    /// <summary>Starts to check for work that waits too long. Called under the lock.</summary>
    private void StartWatch()
    {
        if (_watchTimer is null || _isWatching)
            return;
        (_isWatching, _endedRunsAtCheck) = (true, _endedRuns);
        _watchTimer.Change(LendAfter, LendAfter);
    }

    /// <summary>Frees the slots of a run that has ended, unless they were lent. Called under the lock.</summary>
    private void ReleaseSlots(ComputeClient client, int slots)
    {
        _endedRuns++;
        UpdateLentSlots(client);
        // The client may have several runs, and the governor does not know which of them has ended. So it assumes that the ended run is
        // one with lent slots. If the assumption is wrong, too few slots count as free until the next check lends slots again.
        var lent = Math.Min(client.SlotsLent, slots);
        client.SlotsLent -= lent;
        client.SlotsInUse -= slots;
        _lentSlots -= lent;
        _freeSlots += slots - lent;
    }

    /// <summary>
    /// Whether the client may start another run. While runs of the client have lent slots, all runs of the client together must not use
    /// more slots than the governor has.
    /// </summary>
    private bool CanStart(ComputeClient client)
    {
        UpdateLentSlots(client);
        return client.SlotsLent == 0 || client.SlotsInUse + Math.Min(client.Slots, Slots) <= Slots;
    }

    /// <summary>If slots were lent since the last call, records that all runs of the client have lent their slots.</summary>
    private void UpdateLentSlots(ComputeClient client)
    {
        if (client.Epoch == _epoch)
            return;
        (client.Epoch, client.SlotsLent) = (_epoch, client.SlotsInUse);
    }

    /// <summary>Whether a queued client has no run in progress, and is not a background client.</summary>
    private static bool IsStarved(ComputeClient client) => client is { SlotsInUse: 0, IsBackground: false };

    /// <summary>
    /// Lends the slots of all runs if a client without a run waits and no run has ended since the last check.
    /// </summary>
    private void LendIfStuck()
    {
        Grant? grant = null;
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _isWatching = false;
                _watchTimer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
            else if (_endedRuns == _endedRunsAtCheck && _freeSlots < Slots && _queue.Exists(IsStarved))
            {
                _lentSlots += Slots - _freeSlots;
                _freeSlots = Slots;
                _epoch++;
                _threads.RaiseMaxThreads(Slots + _lentSlots);
                grant = GrantNext();
            }

            _endedRunsAtCheck = _endedRuns;
        }

        HandOver(grant, isLastAction: false);
    }
}
