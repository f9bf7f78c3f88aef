using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Requests;

namespace Functions.Predictions;

/// <summary>
/// Threads that copy, decompress and parse large bodies, in turns. On the thread pool such work, which computes for a second, would hold up
/// the small requests behind it. One processor is left for those, and on the others they go first.
/// </summary>
internal static partial class LargeBodies
{
    /// <summary>Bytes; the work on smaller bodies takes less than a millisecond.</summary>
    public const int Least = 256 << 10;

    /// <summary>A tenth of an ordinary thread's share of a processor (setpriority(2)).</summary>
    private const int Nice = 10;

    private static readonly Lazy<BlockingCollection<Action>> Work = new(Start);

    /// <summary>Awaiting it continues the caller on one of the threads, after the earlier callers.</summary>
    public static Turn NextTurn() => default;

    /// <summary>Waits for the next turn if the answer is large, because it is about to be written.</summary>
    public static async ValueTask WaitForTurnAsync(Prediction prediction)
    {
        var bytes = 0L;
        foreach (var output in prediction.Outputs)
            bytes += output.Tensor.Data.Length;
        if (bytes >= Least)
            await NextTurn();
    }

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount - 1); i++)
            new Thread(() => Run(work)) { IsBackground = true, Name = "Large bodies" }.Start();
        return work;
    }

    private static void Run(BlockingCollection<Action> work)
    {
        // A sandbox may refuse this. The threads are then as urgent as the others.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, thread: 0, Nice);
        foreach (var action in work.GetConsumingEnumerable())
            action();
    }

    public readonly struct Turn : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Turn GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => Work.Value.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => Work.Value.Add(continuation);
    }

    /// <summary>On Linux, thread 0 is the one that calls, and only that.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int thread, int nice);
}
