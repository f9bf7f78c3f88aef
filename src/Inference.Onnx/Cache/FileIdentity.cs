using System.Globalization;
using System.Runtime.InteropServices;

namespace Inference.Onnx.Cache;

/// <summary>Tells a file from every other and from what it was before a change, without reading it.</summary>
internal static partial class FileIdentity
{
    private const int FromCurrentDirectory = -100;
    private const uint BasicStatus = 0x7ff;

    /// <exception cref="IOException">The file is not there, or its status cannot be read.</exception>
    public static string Of(string path)
    {
        var file = new FileInfo(path);
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}|{file.CreationTimeUtc.Ticks}");
        if (!OperatingSystem.IsLinux())
            return text;

        // A retrained model has the length of the one before, and images and archives give all files one time. The time at
        // which the inode changed cannot be set.
        if (ReadStatus(FromCurrentDirectory, file.FullName, 0, BasicStatus, out var status) != 0)
            throw new IOException($"the status of {file.FullName} cannot be read ({Marshal.GetLastPInvokeErrorMessage()})");
        return string.Create(CultureInfo.InvariantCulture, $"{text}|{status.Inode}|{status.ChangeSeconds}.{status.ChangeNanoseconds}");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadStatus(int folder, string path, int flags, uint mask, out Status status);

    /// <summary>struct statx of linux/stat.h, the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(96)]
        public long ChangeSeconds;

        [FieldOffset(104)]
        public uint ChangeNanoseconds;
    }
}
