namespace Inference.Azure.Models;

/// <summary>
/// Finds what belongs to nothing any more in a <see cref="ModelCache"/>. A process that has such a version loaded keeps it in memory, and
/// downloads it again when it loads it again.
/// </summary>
internal static class CacheSweep
{
    /// <summary>Of one version, with the one that is about to come; changing a version in place is no way to keep its past.</summary>
    private const int MostContents = 3;

    /// <summary>A process that listed the content can still be loading it.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    /// <summary>Longer than a model is away between two releases.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>No download takes this long: whoever began it is gone.</summary>
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
            // Removed at this moment, which the caller finds out.
        }
    }

    /// <param name="folder">
    /// Of one store: <c>{model}/{version}/{tag}</c>, and downloads under way whose names begin with the prefix.
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
