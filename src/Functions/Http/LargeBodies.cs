using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Functions.Http;

/// <summary>
/// Threads that decompress and parse large bodies, in turns. On the thread pool such work, which computes for a second, would hold up the small
/// requests behind it. One processor is left for those.
/// </summary>
internal static class LargeBodies
{
    /// <summary>Bytes; the work on smaller bodies takes less than a millisecond.</summary>
    public const int Least = 256 << 10;

    private static readonly Lazy<BlockingCollection<Action>> Work = new(Start);

    /// <summary>What is behind the <c>await</c> of this goes on, on one of the threads, when those before it had their turn.</summary>
    public static Turn NextTurn() => default;

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount - 1); i++)
            new Thread(() => Run(work)) { IsBackground = true, Name = "Large bodies" }.Start();
        return work;
    }

    private static void Run(BlockingCollection<Action> work)
    {
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
}
