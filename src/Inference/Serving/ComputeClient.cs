namespace Inference.Serving;

/// <summary>One of those who share the governor's slots: a model's queue, with its place in the line and what it has used.</summary>
internal abstract class ComputeClient
{
    /// <summary>Shorter than this, and waking another thread costs as much as the run.</summary>
    private static readonly TimeSpan BriefRun = TimeSpan.FromMicroseconds(50);

    private long _runTicks = TimeSpan.MaxValue.Ticks;

    public enum Place
    {
        /// <summary>Nothing waits.</summary>
        Idle,

        /// <summary>In the governor's line.</summary>
        InLine,

        /// <summary>Was given slots and has not said yet whether more waits.</summary>
        Forming,
    }

    /// <summary>Those that the next run takes, at least 1.</summary>
    public virtual int Slots => 1;

    /// <summary>Nobody waits for its runs.</summary>
    public bool IsBackground { get; init; }

    /// <summary>What a run takes here usually; zero before the first.</summary>
    public TimeSpan TypicalRun => Volatile.Read(ref _runTicks) is var ticks && ticks == TimeSpan.MaxValue.Ticks ? TimeSpan.Zero : TimeSpan.FromTicks(ticks);

    /// <summary>Whether a run may go on the thread that asks for it.</summary>
    public bool IsBrief => Volatile.Read(ref _runTicks) < BriefRun.Ticks;

    // What follows is the governor's, under its lock.

    /// <summary>Slot time used, in ticks, comparable between those in line.</summary>
    internal double VirtualTime { get; set; }

    internal Place Standing { get; set; }

    /// <summary>Work arrived while it was <see cref="Place.Forming"/>.</summary>
    internal bool Again { get; set; }

    /// <summary>Forms a batch of what waits by now, says so with <see cref="Governor.Formed"/>, runs it and ends with <see cref="Governor.Exit"/>.</summary>
    public abstract void Run(Grant grant);

    internal void Measure(TimeSpan elapsed)
    {
        // A run that lost its processor meanwhile tells little of the model: no sample counts for more than twice what is known.
        var known = _runTicks;
        Volatile.Write(ref _runTicks, known == TimeSpan.MaxValue.Ticks ? elapsed.Ticks : known + ((Math.Min(elapsed.Ticks, (2 * known) + 8) - known) / 4));
    }

    /// <summary>Slots given to a client for one run.</summary>
    /// <param name="Charged">What the run is expected to take, in ticks; settled by what it took.</param>
    internal sealed record Grant(ComputeClient Client, int Slots, long Charged) : IThreadPoolWorkItem
    {
        public void Execute() => Client.Run(this);
    }
}
