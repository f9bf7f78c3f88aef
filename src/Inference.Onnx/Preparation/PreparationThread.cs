using Inference.Onnx.Crash;

namespace Inference.Onnx.Preparation;

/// <summary>Does work that prepares a model on a thread of its own, as for a load: it computes for as long as it takes.</summary>
internal static class PreparationThread
{
    /// <summary>Does the work, and notes in the journal which model it is for.</summary>
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
