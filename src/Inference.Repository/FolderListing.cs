using Inference.Models;

namespace Inference.Repository;

/// <summary>Lists the folder of a model.</summary>
internal static class FolderListing
{
    /// <summary>The maximum number of files to list in a folder that is not a version.</summary>
    private const int MaxNames = 1000;

    private static readonly EnumerationOptions Shallow = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };

    /// <summary>Returns the entries in the folder of a model; empty when the folder does not exist or is a file.</summary>
    public static FileSystemInfo[] ListChildren(DirectoryInfo folder)
    {
        ThrowIfBrokenLink(folder);
        try
        {
            return [.. folder.EnumerateFileSystemInfos()];
        }
        catch (IOException e) when (e is DirectoryNotFoundException || File.Exists(folder.FullName))
        {
            return [];
        }
    }

    /// <summary>Returns the files in the folder of a version; null when the entry is not a folder.</summary>
    public static List<VersionFile>? ListVersionFiles(FileSystemInfo version)
    {
        ThrowIfBrokenLink(version);
        if (version is not DirectoryInfo folder)
            return null;
        ThrowIfBrokenLink(new FileInfo(Path.Combine(folder.FullName, ModelVersion.ModelFileName)));
        return VersionFiles.List(folder);
    }

    /// <summary>
    /// Returns the name of a file, or the names of the files in a folder and its direct subfolders, at most <see cref="MaxNames"/>. Hidden
    /// folders and links to folders are skipped.
    /// </summary>
    public static IEnumerable<string> ListNames(FileSystemInfo entry) => entry is not DirectoryInfo folder ? [entry.Name]
        : folder.Name.StartsWith('.') || folder.LinkTarget is not null ? []
        : folder.EnumerateFiles("*", Shallow)
            .Take(MaxNames).Select(file => $"{folder.Name}/{Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/')}");

    /// <summary>Throws when an entry is a link that is broken or circular.</summary>
    /// <exception cref="IOException">The entry is a broken link.</exception>
    public static void ThrowIfBrokenLink(FileSystemInfo entry)
    {
        if (VersionFiles.IsBrokenLink(entry))
            throw new IOException($"{entry.FullName} is a link that leads nowhere.");
    }
}
