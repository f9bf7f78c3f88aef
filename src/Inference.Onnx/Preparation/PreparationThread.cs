using Inference.Onnx.Crash;

namespace Inference.Onnx.Preparation;

/// <summary>Runs the preparation of a model on a thread of its own, because it may compute for long, like a load.</summary>
internal static class PreparationThread
{
    /// <summary>Runs the work, and marks its model in the journal.</summary>
    /// <exception cref="OperationCanceledException"/>
    public static Task<T> RunAsync<T>(SessionSource source, Func<T> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            using var mark = JournalMark.Of(source.Journaled, ModelActivity.Preparing);
            return work();
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
