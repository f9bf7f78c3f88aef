namespace Inference.Compute;

/// <summary>Runs work that computes for as long as it takes on a thread of its own, because the thread pool has requests to serve.</summary>
internal static class OwnThread
{
    /// <param name="work">Computes on the thread until it first waits for something.</param>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public static Task RunAsync(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
}
