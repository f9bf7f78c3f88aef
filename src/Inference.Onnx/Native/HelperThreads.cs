using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Onnx.Crash;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>
/// The threads with which ONNX Runtime computes one run in parallel. These helpers have a lower priority than the threads that start runs.
/// So a single run can use all processors, but simultaneous runs lose little throughput to the helpers of other runs. With helpers of equal
/// priority, simultaneous runs would lose a tenth to a fifth of their throughput.
/// </summary>
internal static unsafe partial class HelperThreads
{
    /// <summary>
    /// The niceness of the helpers. According to sched(7), every 5 steps divide a thread's share of the processor by three. A run waits
    /// until each helper has finished the part that the helper began. With a much higher niceness, or idle priority, a helper can wait long
    /// for a processor, so some runs would take very long.
    /// </summary>
    private const int Niceness = 3;

    /// <summary>SCHED_BATCH of Linux: a thread that wakes up does not preempt a running thread.</summary>
    private const int BatchPolicy = 3;

    private const int ThisThread = 0;

    /// <summary>Configures the options so that sessions start and join their helpers with the functions of this class.</summary>
    /// <exception cref="InvalidOperationException">ONNX Runtime rejects the functions.</exception>
    public static void Configure(SessionOptions options)
    {
        OrtApi.SetThreadFunctions(options.DangerousGetHandle(), &Start, &Join);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    [SuppressMessage("Design", "CA1031",
        Justification = "No exception may pass through native stack frames. For a null handle, ONNX Runtime fails the load.")]
    private static nint Start(nint options, delegate* unmanaged[Cdecl]<nint, void> work, nint argument)
    {
        try
        {
            // This function runs on the thread that creates the session, and each session has its own helpers. So the journal entry of the
            // current thread identifies the version.
            var starter = ThreadEntry.Current;
            var thread = new Thread(() =>
            {
                LowerPriority();
                using var mark = starter is var (journal, starterWork)
                    ? JournalMark.Begin(journal, new JournalWork(starterWork.VersionIndex, ModelActivity.Running))
                    : default;
                work(argument);
            })
            {
                IsBackground = true,
                Name = "ONNX Runtime",
                // The property has no effect on Linux.
                Priority = ThreadPriority.BelowNormal,
            };
            thread.Start();
            return GCHandle.ToIntPtr(GCHandle.Alloc(thread));
        }
        catch (Exception)
        {
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Join(nint handle)
    {
        var thread = GCHandle.FromIntPtr(handle);
        ((Thread)thread.Target!).Join();
        thread.Free();
    }

    /// <summary>
    /// Lowers the priority of the calling thread. If a sandbox refuses the change, helpers slow down other runs. The measurement of the
    /// plan then finds whether helpers are worthwhile.
    /// </summary>
    private static void LowerPriority()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var realTimePriority = 0;
        _ = SetScheduler(ThisThread, BatchPolicy, in realTimePriority);
        _ = SetPriority(which: 0, ThisThread, Niceness);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int realTimePriority);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int thread, int niceness);
}
