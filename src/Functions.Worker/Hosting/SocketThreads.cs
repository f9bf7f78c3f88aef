using System.Globalization;
using System.Runtime.InteropServices;

namespace Functions.Worker.Hosting;

/// <summary>
/// The threads with which .NET waits for all its sockets. Callers on the same machine gain from a lower priority of these threads: a
/// Functions host, a proxy or a sidecar that sends a request wakes such a thread, and Linux may suspend the sender for it. A thread that
/// lets the sender finish finds several requests at once (docs/performance.md has the figures). Where no thread is found, because .NET has
/// renamed them or there is no /proc, nothing changes.
/// </summary>
internal static partial class SocketThreads
{
    /// <summary>The name that .NET gives to these threads; Linux returns its first 15 characters.</summary>
    private const string Name = ".NET Sockets";

    /// <summary>
    /// SCHED_BATCH (sched(7)): a thread that has woken up waits until what runs has had its turn, a few milliseconds at most.
    /// </summary>
    private const int BatchPolicy = 3;

    /// <summary>SCHED_RESET_ON_FORK: what these threads start are ordinary threads, those of the pool among them.</summary>
    private const int ChildrenAreOrdinary = 0x40000000;

    private static readonly EnumerationOptions Accessible = new() { IgnoreInaccessible = true };

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
        const string Threads = "/proc/self/task";
        var folders = Directory.Exists(Threads) ? Directory.EnumerateDirectories(Threads, "*", Accessible) : [];
        foreach (var folder in folders)
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int realTimePriority);
}
