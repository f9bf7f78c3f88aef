namespace Inference.Compute;

/// <summary>Runs long computations on a thread of their own, because the thread pool has requests to serve.</summary>
internal static class DedicatedThread
{
    /// <param name="work">The work. Its part up to the first incomplete await runs on the new thread.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the system has no memory for a thread.
    /// </exception>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Start(work).Unwrap();

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public static Task RunAsync(Func<Task> work) => Start(work).Unwrap();

    private static Task<T> Start<T>(Func<T> work)
    {
        try
        {
            return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (TaskSchedulerException e)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                "There is not enough memory for another thread. Raise the limit of the container or of the address space (ulimit -v).",
                e);
        }
    }
}
