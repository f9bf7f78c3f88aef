using System.Runtime.InteropServices;

namespace Functions.Worker.Hosting;

/// <summary>The limits that the system sets for this process (getrlimit(2)); known on Linux only.</summary>
internal static partial class ResourceLimits
{
    /// <summary>
    /// The minimum address space, in bytes, with which the server starts. The garbage collector reserves half of the limit, and libraries
    /// and threads use about 300 MB of the rest. Below 800 MB, the runtime aborts when it cannot create a thread. The minimum has a margin.
    /// </summary>
    public const ulong MinAddressSpace = 1_000_000_000;

    // The numbers of RLIMIT_NOFILE and RLIMIT_AS in Linux (getrlimit(2)).
    private const int OpenFilesResource = 7, AddressSpaceResource = 9;

    /// <summary>The maximum number of file descriptors; null when there is no limit or the limit is unknown.</summary>
    public static ulong? OpenFiles => Find(OpenFilesResource);

    /// <summary>The maximum address space in bytes; null when there is no limit or the limit is unknown.</summary>
    public static ulong? AddressSpace => Find(AddressSpaceResource);

    /// <summary>Whether the address space is too small for the process to run; see <see cref="MinAddressSpace"/>.</summary>
    public static bool IsAddressSpaceTooSmall => AddressSpace < MinAddressSpace;

    private static ulong? Find(int resource) =>
        OperatingSystem.IsLinux() && GetLimit(resource, out var limit) == 0 && limit.Current != ulong.MaxValue ? limit.Current : null;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Max;
    }
}
