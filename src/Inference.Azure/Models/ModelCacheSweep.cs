using Inference.Models.Files;

namespace Inference.Azure.Models;

/// <summary>
/// Finds the folders of a <see cref="ModelCache"/> that no load has used for a long time. A process that has loaded such a version keeps
/// the version in memory, and downloads it again for the next load.
/// </summary>
internal static class ModelCacheSweep
{
    /// <summary>
    /// The number of contents of one version that are kept. A content is one state of the version's files, in a separate folder
    /// (<c>{tag}</c>). The content that is being downloaded counts too. Further contents are kept only while they are in use.
    /// </summary>
    private const int MaxContents = 3;

    /// <summary>
    /// The time after its last use for which a content counts as in use. In this time, a process that has listed the content may load it.
    /// </summary>
    private static readonly TimeSpan MinUnusedTime = TimeSpan.FromHours(1);

    /// <param name="folder">
    /// The folder of one store, with <c>{model}/{version}/{tag}</c> and with temporary folders, whose names begin with the prefix.
    /// </param>
    /// <returns>The folders to remove.</returns>
    public static IReadOnlyList<string> FindRemovable(string folder, string temporaryPrefix, DateTimeOffset now)
    {
        var removable = new List<string>();
        foreach (var child in new DirectoryInfo(folder).EnumerateDirectories())
        {
            if (!child.Name.StartsWith(temporaryPrefix, StringComparison.Ordinal))
                removable.AddRange(child.EnumerateDirectories().SelectMany(version => FindRemovableContents(version, now)));
            else if (now - child.LastWriteTimeUtc > CacheAge.Abandoned)
                removable.Add(child.FullName);
        }

        return removable;
    }

    private static IEnumerable<string> FindRemovableContents(DirectoryInfo version, DateTimeOffset now) => version.EnumerateDirectories()
        .OrderByDescending(content => content.LastWriteTimeUtc)
        .Where((content, index) =>
            now - content.LastWriteTimeUtc is var age && (age > CacheAge.Unused || (index >= MaxContents - 1 && age > MinUnusedTime)))
        .Select(content => content.FullName);
}
