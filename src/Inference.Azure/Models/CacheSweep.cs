namespace Inference.Azure.Models;

/// <summary>
/// Finds unused content in a <see cref="ModelCache"/>. A process that has loaded such a version keeps it in memory, and downloads it again
/// for another load.
/// </summary>
internal static class CacheSweep
{
    /// <summary>
    /// The most contents of one version, including the next one. Changing a version in place is not a way to keep its history.
    /// </summary>
    private const int MostContents = 3;

    /// <summary>The age below which a process that listed the content may still be loading it.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    /// <summary>The age of unused content, longer than a model is absent between two releases.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>The age of abandoned downloads. No download takes this long, so its process has ended.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>Marks the folder of a version's content as used now.</summary>
    public static void Use(string folder, DateTimeOffset now)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder was removed at the same moment. The caller will notice.
        }
    }

    /// <param name="folder">
    /// The folder of one store, with <c>{model}/{version}/{tag}</c>, and with downloads in progress whose names begin with the prefix.
    /// </param>
    /// <returns>The folders to remove.</returns>
    public static IReadOnlyList<string> Find(string folder, string temporaryPrefix, DateTimeOffset now)
    {
        var found = new List<string>();
        foreach (var child in new DirectoryInfo(folder).EnumerateDirectories())
        {
            if (!child.Name.StartsWith(temporaryPrefix, StringComparison.Ordinal))
                found.AddRange(child.EnumerateDirectories().SelectMany(version => FindContents(version, now)));
            else if (now - child.LastWriteTimeUtc > Abandoned)
                found.Add(child.FullName);
        }

        return found;
    }

    private static IEnumerable<string> FindContents(DirectoryInfo version, DateTimeOffset now) => version.EnumerateDirectories()
        .OrderByDescending(content => content.LastWriteTimeUtc)
        .Where((content, index) =>
            now - content.LastWriteTimeUtc is var age && (age > Unused || (index >= MostContents - 1 && age > InUse)))
        .Select(content => content.FullName);
}
