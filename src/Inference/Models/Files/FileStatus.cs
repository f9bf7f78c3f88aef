using System.Runtime.InteropServices;

namespace Inference.Models.Files;

/// <summary>The identity, owner, size and times of a path on Linux, from statx(2).</summary>
/// <param name="Mode">The kind of the file and its permissions, as in <c>st_mode</c>.</param>
/// <param name="UserId">The number of the owner.</param>
/// <param name="Inode">The number of the file in its file system.</param>
/// <param name="ChangeTime">
/// The time of the last change of the inode, in seconds and nanoseconds since 1970. No program can set this time.
/// </param>
public readonly partial record struct FileStatus(int Mode, uint UserId, ulong Inode, (long Seconds, uint Nanoseconds) ChangeTime)
{
    /// <summary>The size in bytes.</summary>
    public long Size { get; private init; }

    /// <summary>The time of the last write, in UTC, which programs can set.</summary>
    public DateTime Modified { get; private init; }

    // From linux/fcntl.h and linux/stat.h.
    private const int FromCurrentDirectory = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint BasicStatus = 0x7ff;
    private const int KindMask = 0xf000;
    private const int FolderKind = 0x4000;
    private const int FileKind = 0x8000;
    private const int PermissionMask = 0xfff;

    public bool IsFolder => (Mode & KindMask) == FolderKind;

    public bool IsFile => (Mode & KindMask) == FileKind;

    public UnixFileMode Permissions => (UnixFileMode)(Mode & PermissionMask);

    /// <summary>Reads the status of a path.</summary>
    /// <param name="followsLinks">Whether to read the target of a link instead of the link itself.</param>
    /// <returns>False when the path does not exist or cannot be read. The last P/Invoke error has the reason.</returns>
    public static bool TryRead(string path, bool followsLinks, out FileStatus status)
    {
        var flags = followsLinks ? 0 : DoNotFollowLinks;
        var found = ReadStatus(FromCurrentDirectory, path, flags, BasicStatus, out var native) == 0;
        status = new FileStatus(native.Mode, native.User, native.Inode, (native.ChangeSeconds, native.ChangeNanoseconds))
        {
            Size = native.Size,
            Modified = DateTime.UnixEpoch.AddTicks(
                (native.WriteSeconds * TimeSpan.TicksPerSecond) + (native.WriteNanoseconds / TimeSpan.NanosecondsPerTick)),
        };
        return found;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadStatus(int folder, string path, int flags, uint mask, out NativeStatus status);

    /// <summary>The struct statx of linux/stat.h, which has the same layout on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct NativeStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(96)]
        public long ChangeSeconds;

        [FieldOffset(104)]
        public uint ChangeNanoseconds;

        [FieldOffset(112)]
        public long WriteSeconds;

        [FieldOffset(120)]
        public uint WriteNanoseconds;
    }
}
