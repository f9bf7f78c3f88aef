namespace Inference.Compute;

/// <summary>
/// A user of the compute slots of a <see cref="Governor"/>, such as the queue of one model. A client whose work waits for a slot is in the
/// governor's queue. This class holds the client's state in the queue, and the slot time that the client has used.
/// </summary>
internal abstract class ComputeClient
{
    /// <summary>
    /// A run shorter than this time is brief, and may stay on its caller's thread. Waking another thread would take about as long.
    /// </summary>
    private static readonly TimeSpan BriefRun = TimeSpan.FromMicroseconds(50);

    /// <summary>
    /// The moving average of the durations of the runs, in ticks; the ticks of <see cref="TimeSpan.MaxValue"/> before the first run.
    /// </summary>
    private long _runTicks = TimeSpan.MaxValue.Ticks;

    /// <summary>The state of a client in the governor's queue.</summary>
    public enum QueueState
    {
        /// <summary>No work waits.</summary>
        Idle,

        /// <summary>The client is in the governor's queue.</summary>
        Queued,

        /// <summary>The client has slots and has not reported yet whether more work waits.</summary>
        Forming,
    }

    /// <summary>The number of slots for the next run; at least 1.</summary>
    public virtual int Slots => 1;

    /// <summary>
    /// Whether no request waits for the client's runs. In the queue, such a client is treated as if it had used one more second of slot
    /// time.
    /// </summary>
    public bool IsBackground { get; init; }

    /// <summary>Whether the runs are one job. The handicap of background runs then applies to the first run only.</summary>
    public bool IsJob { get; init; }

    /// <summary>The typical duration of a run; zero before the first run.</summary>
    public TimeSpan TypicalRun =>
        Volatile.Read(ref _runTicks) is var ticks && ticks == TimeSpan.MaxValue.Ticks ? TimeSpan.Zero : TimeSpan.FromTicks(ticks);

    /// <summary>Whether runs are short enough to run on the caller's thread.</summary>
    public virtual bool IsBrief => Volatile.Read(ref _runTicks) < BriefRun.Ticks;

    // Only the governor uses the following members, under its lock.

    /// <summary>
    /// The slot time that the client has used, in ticks. The governor serves the client with the smallest value first, after it has added
    /// the handicap of background work.
    /// </summary>
    internal double VirtualTime { get; set; }

    internal QueueState State { get; set; }

    /// <summary>The number of slots of the client's runs in progress.</summary>
    internal int SlotsInUse { get; set; }

    /// <summary>
    /// The number of slots among <see cref="SlotsInUse"/> that were lent to other work. The value is up to date only while
    /// <see cref="Epoch"/> is the governor's current number.
    /// </summary>
    internal int SlotsLent { get; set; }

    /// <summary>The number of times that the governor had lent slots when it last updated <see cref="SlotsLent"/>.</summary>
    internal int Epoch { get; set; }

    /// <summary>Whether work arrived in the state <see cref="QueueState.Forming"/>.</summary>
    internal bool HasMore { get; set; }

    /// <summary>
    /// Forms a batch of the waiting work, reports the batch with <see cref="Governor.OnBatchFormed"/>, and runs the batch. The governor
    /// takes the slots back when the task completes, so the task must include all work on the batch. The task must not wait for another
    /// run.
    /// </summary>
    /// <returns>How long the batch held the slots; null when nothing ran.</returns>
    public abstract ValueTask<TimeSpan?> RunNextAsync();

    /// <summary>Updates the average duration with a run that has ended.</summary>
    internal void RecordDuration(TimeSpan elapsed)
    {
        // Each sample has the weight 1/4. A run that lost its processor for a while is a bad sample, so no sample counts for more than
        // twice the average. The 8 ticks let an average of 0 grow.
        var average = _runTicks;
        Volatile.Write(ref _runTicks,
            average == TimeSpan.MaxValue.Ticks ? elapsed.Ticks : average + ((Math.Min(elapsed.Ticks, (2 * average) + 8) - average) / 4));
    }
}
