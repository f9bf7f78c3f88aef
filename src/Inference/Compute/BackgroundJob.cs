namespace Inference.Compute;

/// <summary>
/// A job that no request waits for, such as the measurement of a model. It consists of runs on compute slots, one after the other. The job
/// as a whole is behind all requests by a second of slot time. After that it has the same share of the slots as a model with requests, so
/// it also ends where no slot is ever idle.
/// </summary>
public sealed class BackgroundJob
{
    private readonly Client _client;

    public BackgroundJob(Governor governor)
    {
        Slots = governor.Slots;
        _client = new Client(governor) { IsBackground = true, WaitsOnce = true, VirtualTime = governor.VirtualTime };
    }

    /// <summary>All slots of the governor.</summary>
    public int Slots { get; }

    /// <summary>
    /// Runs work on so many slots when the job's turn comes, after the runs before it. When it is cancelled before that, it does not start
    /// and the task ends at once. Only asynchronous code may wait for the task: a compute thread that waited for it could be the one to run it.
    /// </summary>
    /// <param name="slots">At least 1; all of them when there are fewer.</param>
    public Task<T> RunAsync<T>(Func<T> work, int slots, CancellationToken cancellationToken)
    {
        var run = new BackgroundRun<T>(work, slots, cancellationToken);
        _client.Add(run);
        return run.Task;
    }

    private sealed class Client(Governor governor) : ComputeClient
    {
        private readonly Lock _gate = new();
        private readonly Queue<BackgroundRun> _runs = new();

        public override int Slots
        {
            get
            {
                lock (_gate)
                    return _runs.TryPeek(out var next) ? next.Slots : 1;
            }
        }

        /// <summary>The next run may be of another kind than those before it.</summary>
        public override bool IsBrief => false;

        public void Add(BackgroundRun run)
        {
            lock (_gate)
                _runs.Enqueue(run);
            governor.Ready(this);
        }

        public override ValueTask<TimeSpan?> RunNextAsync()
        {
            BackgroundRun? run;
            bool more;
            lock (_gate)
            {
                _runs.TryDequeue(out run);
                more = _runs.Count > 0;
            }

            governor.Formed(this, more);
            return ValueTask.FromResult(run?.Execute());
        }
    }
}
