using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Crash;

namespace Inference.Onnx.Crash;

/// <summary>
/// Records the thread that receives a fault signal, so that the next process can distinguish a crash from a kill. The recorder is machine
/// code, because managed code cannot run reliably in a signal handler. The code runs before .NET's handlers. The code writes the signal and
/// the thread to one address, and continues in .NET's handler as if the kernel had called that handler. If the system provides no
/// executable memory, nothing is recorded.
/// </summary>
internal static unsafe partial class CrashSignalRecorder
{
    /// <summary>PROT_READ | PROT_WRITE of mmap(2).</summary>
    private const int ReadWrite = 3;

    /// <summary>PROT_READ | PROT_EXEC of mmap(2).</summary>
    private const int ReadExecute = 5;

    /// <summary>MAP_PRIVATE | MAP_ANONYMOUS of mmap(2).</summary>
    private const int PrivateAnonymous = 0x22;

    /// <summary>SA_RESETHAND: when the handler returns and the instruction fails again, the default action ends the process.</summary>
    private const int ResetHandler = unchecked((int)0x8000_0000);

    /// <summary>SA_ONSTACK: the handler runs on the alternate stack, because the thread's own stack may be exhausted.</summary>
    private const int OnStack = 0x0800_0000;

    /// <summary>SIG_DFL of signal(2).</summary>
    private const nint DefaultHandler = 0;

    /// <summary>SIG_IGN of signal(2).</summary>
    private const nint IgnoreHandler = 1;

    private static readonly int[] FaultSignals = [Signals.Segmentation, Signals.Bus, Signals.FloatingPoint, Signals.Illegal, Signals.Abort];

    /// <summary>The cell that contains the address to which the machine code writes; null when nothing is recorded.</summary>
    private static readonly long** AddressCell = Install();

    private static delegate* unmanaged[Cdecl]<int> _getThreadId;

    /// <summary>The kernel's identifier of the calling thread; zero when nothing is recorded.</summary>
    public static int ThreadId => AddressCell is null ? 0 : _getThreadId();

    /// <summary>Sets the address at which fault signals are recorded. The address must stay valid for the life of the process.</summary>
    /// <returns>False when nothing can be recorded.</returns>
    public static bool TryRecordTo(long* address)
    {
        if (AddressCell is null)
            return false;
        Volatile.Write(ref *(nint*)AddressCell, (nint)address);
        return true;
    }

    private static long** Install()
    {
        if (!OperatingSystem.IsLinux() || !SignalHandlerCodeWriter.IsSupported)
            return null;
        var page = Environment.SystemPageSize;
        var memory = Map(0, (nuint)(2 * page), ReadWrite, PrivateAnonymous, -1, 0);
        if (memory == -1)
            return null;
        // The second page contains data. Its first cell contains the address to write to. The initial address is that of the second cell,
        // until a journal sets its own address.
        var cell = (long**)(memory + page);
        *cell = (long*)(cell + 1);
        var previous = stackalloc SignalAction[FaultSignals.Length];
        var code = new SignalHandlerCodeWriter(new Span<byte>((void*)memory, page));
        _getThreadId = (delegate* unmanaged[Cdecl]<int>)(memory + code.WriteThreadId());
        var handlers = stackalloc nint[FaultSignals.Length];
        for (var i = 0; i < FaultSignals.Length; i++)
        {
            if (SetAction(FaultSignals[i], null, &previous[i]) != 0)
                return null;
            handlers[i] = memory + code.WriteHandler((nint)cell, previous[i].Handler == DefaultHandler ? null : previous[i].Handler);
        }

        if (Protect(memory, (nuint)page, ReadExecute) != 0)
            return null;
        for (var i = 0; i < FaultSignals.Length; i++)
            ReplaceHandler(FaultSignals[i], previous[i], handlers[i]);
        return cell;
    }

    private static void ReplaceHandler(int signal, SignalAction action, nint handler)
    {
        if (action.Handler == IgnoreHandler)
            return;
        if (action.Handler == DefaultHandler)
            action.Flags = ResetHandler | OnStack;
        action.Handler = handler;
        _ = SetAction(signal, &action, null);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, SignalAction* action, SignalAction* previous);

    /// <summary>The struct sigaction of glibc and musl on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SignalAction
    {
        public nint Handler;
        public SignalSet Mask;
        public int Flags;
        public nint Restorer;
    }

    [InlineArray(16)]
    private struct SignalSet
    {
        private ulong _signals;
    }
}
