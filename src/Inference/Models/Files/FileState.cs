using System.Globalization;

namespace Inference.Models.Files;

/// <summary>
/// The state of a file. Two different states mean that the file was written or replaced. A retrained model may have the same length, and
/// container images and archives may set the same time for all files. The state therefore also contains the inode and the time of its last
/// change.
/// </summary>
/// <param name="Length">The size in bytes.</param>
/// <param name="LastWriteTimeUtc">The time of the last write, which programs can set.</param>
/// <param name="Inode">The number of the file in its file system on Linux; 0 on other systems.</param>
/// <param name="Changed">
/// On Linux, the time of the last change of the inode, which no program can set; on other systems the time of the creation. Both times are
/// in nanoseconds since 1970.
/// </param>
public readonly record struct FileState(long Length, DateTime LastWriteTimeUtc, ulong Inode, long Changed)
{
    /// <summary>Reads the state of a file, or of the target of a link.</summary>
    /// <returns>Null when there is no file, or when its state cannot be read.</returns>
    public static FileState? Read(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return FileStatus.TryRead(path, followsLinks: true, out var status) && !status.IsFolder
                ? new FileState(status.Size, status.Modified, status.Inode, ToNanoseconds(status.ChangeTime))
                : null;
        }

        var file = new FileInfo(path);
        var created = (file.CreationTimeUtc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return file.Exists ? new FileState(file.Length, file.LastWriteTimeUtc, 0, created) : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Length}|{LastWriteTimeUtc.Ticks}|{Inode}|{Changed}");

    private static long ToNanoseconds((long Seconds, uint Nanoseconds) time) => (time.Seconds * 1_000_000_000) + time.Nanoseconds;
}
