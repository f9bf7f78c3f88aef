using System.Globalization;
using System.Runtime.InteropServices;

namespace Functions.Worker.Hosting;

/// <summary>
/// Lowers the priority of the threads with which .NET waits for its sockets. This helps callers on the same machine: a Functions host, a
/// proxy or a sidecar. Each request of a caller wakes a socket thread. With the normal priority, Linux may suspend the caller at once to
/// run the socket thread. With a lower priority, the caller first sends its other requests, and the socket thread reads them together
/// (docs/performance.md has the figures). Nothing changes when no such thread is found, for example without /proc.
/// </summary>
internal static partial class SocketThreads
{
    /// <summary>The name that .NET sets for these threads. Linux keeps at most 15 characters of a name, so this name is complete.</summary>
    private const string Name = ".NET Sockets";

    /// <summary>
    /// SCHED_BATCH (sched(7)): a thread that wakes up waits a few milliseconds at most, until the running thread has used its time slice.
    /// </summary>
    private const int BatchPolicy = 3;

    /// <summary>
    /// SCHED_RESET_ON_FORK: the threads that a socket thread creates, such as threads of the pool, have the normal policy.
    /// </summary>
    private const int ResetOnFork = 0x40000000;

    private static readonly EnumerationOptions SkipInaccessible = new() { IgnoreInaccessible = true };

    /// <summary>
    /// Lowers the priority. Call this after the first socket was opened, because the threads start at that time. A sandbox may refuse the
    /// change, which does no harm.
    /// </summary>
    public static void LowerPriority()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var realTimePriority = 0;
        foreach (var thread in Find())
            _ = SetScheduler(thread, BatchPolicy | ResetOnFork, in realTimePriority);
    }

    internal static IEnumerable<int> Find()
    {
        const string Threads = "/proc/self/task";
        var folders = Directory.Exists(Threads) ? Directory.EnumerateDirectories(Threads, "*", SkipInaccessible) : [];
        foreach (var folder in folders)
        {
            if (NameOf(folder) == Name)
                yield return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Returns the name of a thread; null when the name cannot be read, for example because the thread has ended.</summary>
    private static string? NameOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int realTimePriority);
}
