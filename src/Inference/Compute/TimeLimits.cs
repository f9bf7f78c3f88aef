using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Compute;

/// <summary>
/// Runs work on models under time limits. Work that still runs some seconds after its token was cancelled, such as a kernel that never
/// returns, is abandoned. The caller continues, and the abandoned work releases its resources when it ends.
/// </summary>
public sealed class TimeLimits(TimeProvider time, ILogger<TimeLimits> logger) : IAsyncDisposable
{
    /// <summary>
    /// The time after which cancelled work that has not ended is abandoned. ONNX Runtime ends a cancelled run at the next node of the
    /// graph.
    /// </summary>
    internal static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<AbandonedTask> _abandoned = [];

    /// <summary>Descriptions of the abandoned work that has not ended, as readable text.</summary>
    public IReadOnlyList<string> AbandonedWork
    {
        get
        {
            lock (_gate)
            {
                return [.. _abandoned.Select(work =>
                    $"{work.Phase} of model {work.Version.Id} for {time.GetElapsedTime(work.Started).TotalSeconds:0} s")];
            }
        }
    }

    internal TimeProvider Time => time;

    /// <summary>Waits for the abandoned work.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_gate)
            tasks = [.. _abandoned.Select(work => work.Task)];
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    /// <summary>
    /// Throws while abandoned work on the same version still runs, because new work on its files would probably get stuck too.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: abandoned work still runs.</exception>
    internal void ThrowIfAbandoned(ModelVersion version)
    {
        AbandonedTask? abandoned;
        lock (_gate)
            abandoned = _abandoned.Find(work => work.Version == version);
        if (abandoned is not null)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"The {abandoned.Phase} of model {version.Id} was cancelled, but it still computes "
                + $"after {time.GetElapsedTime(abandoned.Started).TotalSeconds:0} s. "
                + $"The model is not loaded again until the {abandoned.Phase} has ended. Replace its files, or restart the server.");
        }
    }

    /// <summary>Runs work whose phases have limits.</summary>
    /// <param name="work">
    /// The work. Its first action is to enter a phase. The work observes the token of the limit, and computes on its own threads
    /// (<see cref="DedicatedThread"/>).
    /// </param>
    /// <param name="onAbandoned">Called when the work is abandoned; null for no action.</param>
    /// <param name="release">Releases the result of abandoned work. The work counts as abandoned until its result is released.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: a phase took too long.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async Task<T> RunAsync<T>(
        ModelVersion version,
        Func<PhaseLimit, Task<T>> work,
        Action? onAbandoned,
        Func<T, Task> release,
        CancellationToken cancellationToken)
    {
        var limit = new PhaseLimit(version.Id, time, cancellationToken);
        var running = Task.Run(() => work(limit), CancellationToken.None);
        _ = running.ContinueWith(_ =>
            limit.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await Task.WhenAny(running, limit.Cancelled).ConfigureAwait(false);
        if (!running.IsCompleted)
            await WaitAsync(running).ConfigureAwait(false);
        if (!running.IsCompleted)
        {
            onAbandoned?.Invoke();
            Abandon(version, limit, running, release);
            throw limit.Failure ?? (Exception)new OperationCanceledException(cancellationToken);
        }

        try
        {
            return await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.Failure is not null)
        {
            throw limit.Failure;
        }
    }

    /// <summary>Waits until a task has ended, successfully or not, but no longer than <see cref="CancelTimeout"/>.</summary>
    internal async Task WaitAsync(Task task)
    {
        using var stop = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(CancelTimeout, time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    private void Abandon<T>(ModelVersion version, PhaseLimit limit, Task<T> running, Func<T, Task> release)
    {
        var abandoned = new AbandonedTask(version, limit.Phase, limit.Started, running);
        lock (_gate)
            _abandoned.Add(abandoned);
        logger.WorkAbandoned(abandoned.Phase, version.Id, CancelTimeout.TotalSeconds);
        abandoned.Task = running.ContinueWith(
            async ended =>
            {
                if (ended.IsCompletedSuccessfully)
                    await release(ended.Result).ConfigureAwait(false);
                lock (_gate)
                    _abandoned.Remove(abandoned);
                var elapsed = time.GetElapsedTime(abandoned.Started);
                logger.AbandonedWorkEnded(abandoned.Phase, version.Id, elapsed.TotalSeconds, ended.Exception);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default).Unwrap();
    }

    private sealed record AbandonedTask(ModelVersion Version, string Phase, long Started, Task Running)
    {
        /// <summary>Completes when the work has ended and its result was released.</summary>
        public Task Task { get; set; } = Running;
    }
}
