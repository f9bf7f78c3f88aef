using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>
/// Finds and copies snapshots in the cache of downloads from Hugging Face's hub. A snapshot is a folder
/// <c>&lt;repository&gt;/snapshots/&lt;revision&gt;</c>, whose files are links to <c>&lt;repository&gt;/blobs</c>.
/// </summary>
internal static class HubSnapshot
{
    private const string Snapshots = "snapshots";

    /// <summary>Finds a repository, such as <c>org/name</c>, in the current user's cache.</summary>
    /// <returns>The folder of the repository; null when the cache does not have it.</returns>
    public static string? FindCached(string repository)
    {
        var home = GlobalOptions.ReadVariable("HF_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface");
        var cache = GlobalOptions.ReadVariable("HF_HUB_CACHE") ?? Path.Combine(home, "hub");
        var folder = Path.Combine(cache, $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}");
        return repository.AsSpan().IndexOfAny('\\', ':') < 0 && Directory.Exists(folder) ? folder : null;
    }

    /// <summary>Finds a snapshot in the folder of a repository: the snapshot of the branch main, or else the only snapshot.</summary>
    /// <returns>The folder of the snapshot; <paramref name="folder"/> itself when it is not a repository of the cache.</returns>
    /// <exception cref="CliException">The branch main has no snapshot, and the folder has several snapshots or none.</exception>
    public static string FindSnapshot(string folder)
    {
        var snapshots = Path.Combine(folder, Snapshots);
        if (!Directory.Exists(snapshots) || !Directory.Exists(Path.Combine(folder, "blobs")))
            return folder;
        var mainRef = Path.Combine(folder, "refs", "main");
        var revision = File.Exists(mainRef) ? Path.GetFileName(File.ReadAllText(mainRef).Trim()) : "";
        if (revision.Length > 0 && Directory.Exists(Path.Combine(snapshots, revision)))
            return Path.Combine(snapshots, revision);
        return Directory.GetDirectories(snapshots) is [var only] ? only
            : throw CliException.CreateUsageError(
                $"\"{snapshots}\" does not contain exactly one snapshot. "
                + "Pass the folder of the snapshot to use, or download the model again.");
    }

    /// <summary>Copies files of a snapshot, or of a folder in a snapshot. A link becomes a copy of the file that it leads to.</summary>
    /// <param name="names">The files, relative to <paramref name="folder"/>.</param>
    /// <param name="workFolder">The folder for temporary files, which receives the copy.</param>
    /// <returns>The folder of the copy; <paramref name="folder"/> itself when it is not in a snapshot.</returns>
    /// <exception cref="CliException">A link is broken, or leads out of the blobs of its repository.</exception>
    public static string Copy(string folder, IEnumerable<string> names, string workFolder)
    {
        if (FindBlobs(new DirectoryInfo(Path.GetFullPath(folder))) is not { } blobs)
            return folder;
        var copy = Path.Combine(workFolder, "snapshot");
        foreach (var name in names)
        {
            var content = FindContent(new FileInfo(Path.Combine(folder, name)), blobs);
            var target = Path.Combine(copy, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            content.CopyTo(target);
        }

        return copy;
    }

    /// <summary>Finds the content of a file: the blob to which a link in a snapshot leads, or else the file itself.</summary>
    /// <exception cref="CliException">A link is not in a snapshot, is broken, or leads out of the blobs of its repository.</exception>
    public static FileInfo FindContent(FileInfo file)
    {
        if (FindBlobs(file.Directory!) is { } blobs)
            return FindContent(file, blobs);
        return file.LinkTarget is null ? file : throw VersionSource.CreateLinkError(file);
    }

    private static FileInfo FindContent(FileInfo file, string blobs)
    {
        if (file.LinkTarget is null)
            return file;
        var realPath = FolderBoundary.GetRealPath(file.FullName)
            ?? throw CliException.CreateUsageError($"{file.FullName} is a link that leads nowhere. Download the model again.");
        return FolderBoundary.IsWithin(realPath, blobs) ? new FileInfo(realPath) : throw CliException.CreateUsageError(
            $"{file.FullName} is a link that leads out of {blobs}. Download the model again.");
    }

    /// <summary>
    /// Finds the real path of the repository's folder <c>blobs</c>; null when <paramref name="folder"/> is not in a snapshot.
    /// </summary>
    private static string? FindBlobs(DirectoryInfo folder)
    {
        for (var revision = folder; revision is not null; revision = revision.Parent)
        {
            if (revision.Parent is { Name: Snapshots, Parent: { } repository }
                && FolderBoundary.GetRealPath(Path.Combine(repository.FullName, "blobs")) is { } blobs)
            {
                return blobs;
            }
        }

        return null;
    }
}
