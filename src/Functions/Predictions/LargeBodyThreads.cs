using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Requests;

namespace Functions.Predictions;

/// <summary>
/// Threads that copy, decompress and parse large bodies. On the thread pool, this work can take a second and would delay small requests.
/// One processor is left for small requests, which also have a higher priority on the other processors. Callers wait in a queue. When it is
/// a caller's turn, one of the threads runs the caller's code up to its next <c>await</c>.
/// </summary>
internal static partial class LargeBodyThreads
{
    /// <summary>The minimum number of bytes of a large body. The work on a smaller body takes less than a millisecond.</summary>
    public const int MinSize = 256 << 10;

    /// <summary>
    /// The nice value of the threads (setpriority(2)). A thread with this value gets about a tenth of a normal thread's share of a
    /// processor.
    /// </summary>
    private const int Nice = 10;

    private static readonly Lazy<BlockingCollection<Action>> Work = new(Start);

    /// <summary>Returns an awaitable that continues the caller on one of the threads, after the earlier callers.</summary>
    public static TurnAwaitable WaitForTurn() => default;

    /// <summary>Waits for the next turn if the response is large, because the caller is about to write the response.</summary>
    public static async ValueTask WaitForTurnIfLargeAsync(Prediction prediction)
    {
        var bytes = 0L;
        foreach (var output in prediction.Outputs)
            bytes += output.Rows?.Size ?? output.Tensor.Data.Length;
        if (bytes >= MinSize)
            await WaitForTurn();
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
        // A sandbox may refuse the call. Then these threads have the same priority as all others.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, thread: 0, Nice);
        foreach (var action in work.GetConsumingEnumerable())
            action();
    }

    /// <summary>An awaitable that never completes at once, and continues the caller on one of the threads.</summary>
    public readonly struct TurnAwaitable : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public TurnAwaitable GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => Work.Value.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => Work.Value.Add(continuation);
    }

    /// <summary>Sets the nice value of a thread. On Linux, 0 means only the calling thread and not the whole process.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int thread, int nice);
}
