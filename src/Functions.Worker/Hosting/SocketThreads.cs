using System.Globalization;
using System.Runtime.InteropServices;

namespace Functions.Worker.Hosting;

/// <summary>
/// The threads with which .NET waits for all its sockets. When a request comes from the same machine, from a Functions host or a proxy, its
/// sender's send wakes such a thread, and Linux may push the sender aside for it; and again for the sender's next request. Threads that let
/// it finish first find several requests at once (docs/performance.md).
/// </summary>
internal static partial class SocketThreads
{
    /// <summary>
    /// The name that .NET gives to these threads; Linux returns its first 15 characters. If .NET renames them, none is found and nothing
    /// changes.
    /// </summary>
    private const string Name = ".NET Sockets";

    /// <summary>
    /// SCHED_BATCH (sched(7)): a thread that has woken up waits until what runs has had its turn, a few milliseconds at most.
    /// </summary>
    private const int BatchPolicy = 3;

    /// <summary>SCHED_RESET_ON_FORK: what these threads start are ordinary threads, those of the pool among them.</summary>
    private const int ChildrenAreOrdinary = 0x40000000;

    /// <summary>Once there are some: they start with the first socket. Sandboxes may refuse it, at no harm.</summary>
    public static void LowerPriority()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var realTimePriority = 0;
        foreach (var thread in Find())
            _ = SetScheduler(thread, BatchPolicy | ChildrenAreOrdinary, in realTimePriority);
    }

    internal static IEnumerable<int> Find()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (NameOf(folder) == Name)
                yield return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Null for one that has ended meanwhile.</summary>
    private static string? NameOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int realTimePriority);
}
