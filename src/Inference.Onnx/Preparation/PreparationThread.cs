using Inference.Onnx.Crash;

namespace Inference.Onnx.Preparation;

/// <summary>Runs steps of a model's preparation on dedicated threads, because such a step may compute for as long as a load.</summary>
internal static class PreparationThread
{
    /// <summary>Runs the work, and marks its model in the journal.</summary>
    /// <exception cref="OperationCanceledException"/>
    public static Task<T> RunAsync<T>(SessionSource source, Func<T> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            using var mark = JournalMark.Begin(source.Journaled, ModelActivity.Preparing);
            return work();
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
