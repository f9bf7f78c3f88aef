namespace Inference.Models.Files;

/// <summary>
/// Ages at which a cache on disk removes an entry. An entry is a file or a folder, and its last write time is the time of its last use.
/// </summary>
public static class CacheAge
{
    /// <summary>
    /// The age of an unused entry. The age is long enough to keep the entries of a model that one release omits and the next release
    /// contains again.
    /// </summary>
    public static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>The age of an entry that a process began to write and never finished. No write takes this long.</summary>
    public static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>
    /// Marks an entry as used now. Does nothing if another process has removed the entry, or if this process cannot write to the entry.
    /// </summary>
    public static void MarkUsed(FileSystemInfo entry, DateTimeOffset now)
    {
        try
        {
            entry.LastWriteTimeUtc = now.UtcDateTime;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process removes entries from a read-only folder, such as one in a container image, so these entries need no mark. A reader
            // detects an entry that another process has removed.
        }
    }
}
