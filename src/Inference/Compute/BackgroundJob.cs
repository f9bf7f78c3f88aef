namespace Inference.Compute;

/// <summary>
/// A job that no request waits for, such as the measurement of a model. A job is a sequence of runs on compute slots. While requests wait,
/// the job lets them use one second of slot time before its first run. After that second, the job has the same share of the slots as a
/// model with requests. A job therefore ends even if no slot is ever idle.
/// </summary>
public sealed class BackgroundJob
{
    private readonly WorkQueue _client;

    public BackgroundJob(Governor governor)
    {
        Slots = governor.Slots;
        _client = new WorkQueue(governor) { IsBackground = true, IsJob = true, VirtualTime = governor.VirtualTime };
    }

    /// <summary>The number of slots that the governor has, free or in use.</summary>
    public int Slots { get; }

    /// <summary>
    /// Runs work on several slots when the job's turn comes, after its earlier runs. If the work is cancelled before its turn, the work
    /// does not start and the task ends at once. Only asynchronous code may wait for the task: a compute thread that waits for the task
    /// could be the thread that must run the work.
    /// </summary>
    /// <param name="slots">The number of slots, at least 1. A number above <see cref="Slots"/> means all slots.</param>
    public Task<T> RunAsync<T>(Func<T> work, int slots, CancellationToken cancellationToken)
    {
        var run = new BackgroundRun<T>(work, slots, cancellationToken);
        _client.Add(run);
        return run.Task;
    }
}
