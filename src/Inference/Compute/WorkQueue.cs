namespace Inference.Compute;

/// <summary>
/// The work of one owner on compute slots, such as decoding the images of one model's requests. The queue has the same share of the slots
/// as every other client of the governor, and runs in the order of arrival.
/// </summary>
internal sealed class WorkQueue(Governor governor) : ComputeClient
{
    /// <summary>The maximum expected wait. Work that would wait longer is refused, unless fewer than two runs per slot wait.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<BackgroundRun> _runs = new();

    /// <summary>The maximum number of waiting runs, even if they are short.</summary>
    public int MaxWaiting { get; init; } = int.MaxValue;

    public override int Slots
    {
        get
        {
            lock (_gate)
                return _runs.TryPeek(out var next) ? next.Slots : 1;
        }
    }

    /// <summary>Always false, because the next run may be of a different kind.</summary>
    public override bool IsBrief => false;

    /// <summary>Adds work without a check for overload.</summary>
    public void Add(BackgroundRun run)
    {
        lock (_gate)
            _runs.Enqueue(run);
        governor.Enqueue(this);
    }

    /// <summary>
    /// Runs work on one slot when its turn comes. Work that is cancelled before its turn does not start, and its task ends at once.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: too much work waits already.</exception>
    public Task RunAsync(Action work, CancellationToken cancellationToken)
    {
        TimeSpan? retryAfter;
        lock (_gate)
            retryAfter = GetRetryDelay();
        if (retryAfter is { } wait)
        {
            throw new InferenceException(
                InferenceError.Overloaded, "Too many requests with images or texts are waiting. Try again later.")
            {
                RetryAfter = wait,
            };
        }

        var run = new BackgroundRun<bool>(() => { work(); return true; }, slots: 1, cancellationToken);
        Add(run);
        return run.Task;
    }

    public override ValueTask<TimeSpan?> RunNextAsync()
    {
        BackgroundRun? run;
        bool hasMore;
        lock (_gate)
        {
            do
                _runs.TryDequeue(out run);
            while (run is { HasEnded: true });
            hasMore = _runs.Count > 0;
        }

        governor.OnBatchFormed(this, hasMore);
        return ValueTask.FromResult(run?.Execute());
    }

    /// <summary>Returns how long the caller of refused work should wait before a retry; null when the queue accepts work.</summary>
    private TimeSpan? GetRetryDelay()
    {
        if (AcceptsWork(out _))
            return null;
        // Removes work whose callers have cancelled. Such work would not run, but it takes room in the queue.
        for (var i = _runs.Count; i > 0; i--)
        {
            var run = _runs.Dequeue();
            if (!run.HasEnded)
                _runs.Enqueue(run);
        }

        return AcceptsWork(out var wait) ? null : wait > MaxWait ? wait : MaxWait;
    }

    /// <summary>Estimates the wait of new work. Returns whether the queue accepts the work.</summary>
    private bool AcceptsWork(out TimeSpan wait)
    {
        wait = _runs.Count * TypicalRun / governor.Slots;
        return _runs.Count < MaxWaiting && (wait <= MaxWait || _runs.Count < 2 * governor.Slots);
    }
}
