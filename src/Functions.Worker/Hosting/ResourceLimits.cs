using System.Runtime.InteropServices;

namespace Functions.Worker.Hosting;

/// <summary>The limits that the system sets this process (getrlimit(2)); known on Linux.</summary>
internal static partial class ResourceLimits
{
    private const int NoFile = 7, AddressSpaceBytes = 9;

    /// <summary>File descriptors; null when there is no limit or it is unknown.</summary>
    public static ulong? OpenFiles => Find(NoFile);

    /// <summary>Bytes of address space; null when there is no limit or it is unknown.</summary>
    public static ulong? AddressSpace => Find(AddressSpaceBytes);

    private static ulong? Find(int resource) =>
        OperatingSystem.IsLinux() && GetLimit(resource, out var limit) == 0 && limit.Current != ulong.MaxValue ? limit.Current : null;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Most;
    }
}
