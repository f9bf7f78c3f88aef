using Inference.Models;
using Inference.Models.Files;

namespace Inference.Repository.Trust;

/// <summary>
/// Keeps a version's files in its folder. The folder itself may be reached by links, and links within it may lead from one of its
/// files to another, as those of a mounted Kubernetes volume do. One that leads out would have the server read, and tell of, what
/// whoever wrote it need not be able to read.
/// </summary>
public static class Confinement
{
    /// <summary>The most links to follow, which is Linux's limit.</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// Begins the names of folders that a mounted Kubernetes volume keeps its files in; links beside them lead to those files.
    /// </summary>
    public const string VolumePrefix = "..";

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None };

    /// <returns>The first link that leads out, nowhere or in a circle, as the beginning of a reason; null when there is none.</returns>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static string? FindEscape(ModelFiles files)
    {
        var model = new FileInfo(files.ModelPath);
        var folder = files.Folder ?? (model.Name == SettingsFile.RemoteModel ? model.DirectoryName : null);
        if (folder is not null)
            return FindEscape(new DirectoryInfo(folder), RealPath(folder)!);
        // A bare model file stands beside other models, which are no business of its.
        return model.LinkTarget is null ? FindPipe(model) : FindEscape(model, RealPath(model.DirectoryName!)!);
    }

    private static string? FindEscape(DirectoryInfo folder, string root)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", Everything))
        {
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            if ((isLink ? FindEscape(entry, root) : entry is DirectoryInfo child ? FindEscape(child, root) : FindPipe(entry)) is { } escape)
                return escape;
        }

        return null;
    }

    /// <summary>Tells what is wrong with a link, or with a file that is none.</summary>
    /// <param name="root">The folder that it may not lead out of, without links.</param>
    /// <returns>The beginning of a reason; null when nothing is wrong.</returns>
    public static string? FindEscape(FileSystemInfo entry, string root) => RealPath(entry.FullName) switch
    {
        null => $"\"{entry.Name}\" is a link that leads nowhere.",
        var real when !IsWithin(real, root) => $"\"{entry.Name}\" is a link that leads out of the model's folder.",
        var real => Directory.Exists(real) ? null : FindPipe(entry),
    };

    private static string? FindPipe(FileSystemInfo entry) =>
        RegularFile.IsAt(entry.FullName) ? null : $"\"{entry.Name}\" is neither a file nor a folder, but a pipe, a socket or a device.";

    /// <param name="root">Without links, as the path is.</param>
    public static bool IsWithin(string path, string root) =>
        path == root || path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path without links; null when they lead nowhere or in a circle.</summary>
    public static string? RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path));
        for (var links = 0; rest.TryPop(out var part);)
        {
            var next = Path.GetFullPath(Path.Combine(real, part));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
                return null;
            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (var step in Parts(target))
                rest.Push(step);
        }

        return Path.Exists(real) ? real : null;
    }

    /// <summary>Last first.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
}
