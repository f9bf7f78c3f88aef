using Inference.Models;
using Inference.Models.Files;

namespace Inference.Repository.Trust;

/// <summary>
/// Ensures that a version's files are inside its folder. The path of the folder may contain links. Links inside the folder may lead to its
/// own files, as in a mounted Kubernetes volume. A link out of the folder could make the server read, and reveal, files that the author of
/// the link has no permission to read.
/// </summary>
public static class FolderBoundary
{
    /// <summary>The maximum number of links to follow, which is Linux's limit.</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// The prefix of the folders in which a mounted Kubernetes volume stores its files. Links beside these folders lead to the files.
    /// </summary>
    public const string VolumePrefix = "..";

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None };

    /// <summary>Finds the first link that is broken or leads out of the folder, or the first pipe, socket or device.</summary>
    /// <returns>A sentence that names the entry; null when there is no such entry.</returns>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the folder.</exception>
    public static string? FindEscape(ModelFiles files)
    {
        var model = new FileInfo(files.ModelPath);
        var folder = files.Folder ?? (model.Name == SettingsFile.RemoteModelFileName ? model.DirectoryName : null);
        if (folder is not null)
            return FindEscape(new DirectoryInfo(folder), GetRealPath(folder)!);
        // A bare model file has other models beside it, which are not checked.
        return model.LinkTarget is null ? FindSpecialFile(model) : FindEscape(model, GetRealPath(model.DirectoryName!)!);
    }

    private static string? FindEscape(DirectoryInfo folder, string root)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", Everything))
        {
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            if ((isLink ? FindEscape(entry, root) : entry is DirectoryInfo child ? FindEscape(child, root)
                : FindSpecialFile(entry)) is { } escape)
            {
                return escape;
            }
        }

        return null;
    }

    /// <summary>Describes the problem with a link, or with an entry that is not a regular file.</summary>
    /// <param name="root">The folder that must contain the target of the link, as a path without links.</param>
    /// <returns>A sentence that names the entry; null when there is no problem.</returns>
    public static string? FindEscape(FileSystemInfo entry, string root) => GetRealPath(entry.FullName) switch
    {
        null => $"\"{entry.Name}\" is a link that leads nowhere.",
        var real when !IsWithin(real, root) => $"\"{entry.Name}\" is a link that leads out of the model's folder.",
        var real => Directory.Exists(real) ? null : FindSpecialFile(entry),
    };

    /// <summary>Describes an entry that is a pipe, a socket or a device, or a link to one. Reads of such an entry may never end.</summary>
    /// <param name="entry">An entry that exists, and is not a broken link.</param>
    /// <returns>A sentence that names the entry; null for a file.</returns>
    public static string? FindSpecialFile(FileSystemInfo entry) =>
        RegularFile.Exists(entry.FullName) ? null : $"\"{entry.Name}\" is neither a file nor a folder, but a pipe, a socket or a device.";

    /// <summary>Whether the path is that of the root folder, or of an entry inside it. Neither path may contain links.</summary>
    public static bool IsWithin(string path, string root) =>
        path == root || path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Replaces the links in a path with their targets. Returns null when a link is broken or circular.</summary>
    public static string? GetRealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var remaining = new Stack<string>(GetReversedParts(path));
        for (var linkCount = 0; remaining.TryPop(out var part);)
        {
            var next = Path.GetFullPath(Path.Combine(real, part));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++linkCount > MaxLinks)
                return null;
            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (var targetPart in GetReversedParts(target))
                remaining.Push(targetPart);
        }

        return Path.Exists(real) ? real : null;
    }

    /// <summary>Returns the parts of a path, the last one first.</summary>
    private static IEnumerable<string> GetReversedParts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
}
