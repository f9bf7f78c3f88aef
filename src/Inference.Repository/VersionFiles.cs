using System.Globalization;
using Inference.Models;
using Inference.Models.Files;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>A file of a version.</summary>
/// <param name="Name">The name relative to the version's folder, with <c>/</c> between folders.</param>
/// <param name="Path">The full path of the file, or of the target when the name is a link.</param>
internal sealed record VersionFile(string Name, string Path, FileState State)
{
    /// <summary>Reads the state of a file.</summary>
    /// <returns>Null when there is no file, or when the name is a broken link.</returns>
    public static VersionFile? Find(string name, FileInfo file)
    {
        var path = VersionFiles.ResolveLink(file).FullName;
        return FileState.Read(path) is { } state ? new VersionFile(name, path, state) : null;
    }
}

/// <summary>Finds the files of a version and detects their changes.</summary>
internal static class VersionFiles
{
    /// <summary>
    /// Returns all files in the folder and its subfolders. Broken links and links out of the folder are skipped here. The check before a
    /// load reports them.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a folder.</exception>
    /// <param name="skipsHidden">Whether to omit files and folders whose names begin with a dot.</param>
    public static List<VersionFile> List(DirectoryInfo folder, bool skipsHidden = false)
    {
        var files = new List<VersionFile>();
        AddFiles(folder, folder, "", [], files, skipsHidden);
        return files;
    }

    /// <summary>Returns the files of a version whose folder is the model's folder itself.</summary>
    /// <param name="file">The model file, relative to the folder.</param>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a folder.</exception>
    public static List<VersionFile> ListRoot(DirectoryInfo folder, string file)
    {
        var files = List(folder, skipsHidden: true);
        var chosen = RootVersion.ChooseFiles([.. files.Select(found => found.Name)], file).ToHashSet(StringComparer.Ordinal);
        return files.FindAll(found => chosen.Contains(found.Name));
    }

    /// <summary>Returns a bare model file and its external data: the files whose names begin with the name of the model file.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the folder.</exception>
    public static List<VersionFile> ListBareModel(FileInfo model) => [.. model.Directory!.EnumerateFiles(model.Name + "*")
        .Where(file => file.Name == model.Name || !file.Name.EndsWith(model.Extension, StringComparison.Ordinal))
        .Select(file => VersionFile.Find(file.Name, file)).OfType<VersionFile>()];

    public static ModelVersion CreateVersion(ModelId id, IReadOnlyCollection<VersionFile> files) =>
        new(id, ComputeTag(files), files.Sum(file => file.State.Length))
        {
            RecordTag = ComputeRecordTag(files),
            Modified = files.Count == 0 ? null : files.Max(file => file.State.LastWriteTimeUtc),
        };

    /// <summary>
    /// Returns a text that changes when a file is added, removed, written or replaced. On Linux, the text changes even when the new file
    /// has the size and the time of the old file.
    /// </summary>
    public static string ComputeTag(IEnumerable<VersionFile> files) => Join(files, static file => $"{file.Name}:{file.State}");

    /// <summary>Returns a text of the names, sizes and times of the files, which are the same for copies of the files.</summary>
    private static string ComputeRecordTag(IEnumerable<VersionFile> files) => Join(files, static file => string.Create(
        CultureInfo.InvariantCulture, $"{file.Name}:{file.State.Length}:{file.State.LastWriteTimeUtc.Ticks}"));

    private static string Join(IEnumerable<VersionFile> files, Func<VersionFile, string> describe) =>
        string.Join('|', files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(describe));

    /// <summary>
    /// Returns the target of a link, or the file itself. A mounted volume replaces the targets of its links, never the links.
    /// </summary>
    public static FileInfo ResolveLink(FileInfo file)
    {
        // The file may have been removed since the enumeration, most likely replaced by a rename.
        file.Refresh();
        try
        {
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }
        catch (IOException)
        {
            // The link is circular. The load reports the problem, so that other models can still be listed.
            return file;
        }
    }

    /// <summary>Whether an entry is a broken or circular link.</summary>
    public static bool IsBrokenLink(FileSystemInfo entry) =>
        entry.LinkTarget is not null && FolderBoundary.GetRealPath(entry.FullName) is null;

    private static void AddFiles(
        DirectoryInfo root, DirectoryInfo folder, string prefix, HashSet<string> followedTargets, List<VersionFile> files, bool skipsHidden)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (skipsHidden && entry.Name.StartsWith('.'))
                continue;
            var name = prefix + entry.Name;
            if (entry is FileInfo file)
            {
                if (!IsBrokenLink(file) && VersionFile.Find(name, file) is { } found)
                    files.Add(found);
            }
            else if (!entry.Name.StartsWith(FolderBoundary.VolumePrefix, StringComparison.Ordinal)
                && (entry.LinkTarget is null || TryFollow(entry, root, followedTargets)))
            {
                AddFiles(root, (DirectoryInfo)entry, name + "/", followedTargets, files, skipsHidden);
            }
        }
    }

    /// <summary>
    /// Decides whether to follow a link to a folder, and records its target. Each target is followed only once, and only if it is inside
    /// the version's folder.
    /// </summary>
    private static bool TryFollow(FileSystemInfo link, DirectoryInfo root, HashSet<string> followedTargets) =>
        FolderBoundary.GetRealPath(link.FullName) is { } real
        && FolderBoundary.GetRealPath(root.FullName) is { } realRoot
        && FolderBoundary.IsWithin(real, realRoot)
        && followedTargets.Add(real);
}
