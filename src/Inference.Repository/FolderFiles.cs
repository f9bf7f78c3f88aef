using Inference.Models;

namespace Inference.Repository;

/// <summary>Looks into the folder of a model.</summary>
internal static class FolderFiles
{
    /// <summary>The most files of a folder that is no version which are looked at.</summary>
    private const int MaxNames = 1000;

    private static readonly EnumerationOptions Shallow = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1 };

    /// <summary>Returns the files in the folder of a model; none when the folder does not exist or is a file.</summary>
    public static FileSystemInfo[] Children(DirectoryInfo folder)
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

    /// <summary>The files of the folder of a version; null when this is no folder.</summary>
    public static List<VersionFile>? OfVersion(FileSystemInfo version)
    {
        ThrowIfBrokenLink(version);
        if (version is not DirectoryInfo folder)
            return null;
        ThrowIfBrokenLink(new FileInfo(Path.Combine(folder.FullName, ModelVersion.ModelFileName)));
        return VersionFiles.Of(folder);
    }

    /// <summary>
    /// The name of a file, or the names of the files of a folder and of the folders in it, as far as problems tell of them.
    /// </summary>
    public static IEnumerable<string> NamesOf(FileSystemInfo entry) => entry is not DirectoryInfo folder ? [entry.Name]
        : folder.Name.StartsWith('.') || folder.LinkTarget is not null ? []
        : folder.EnumerateFiles("*", Shallow)
            .Take(MaxNames).Select(file => $"{folder.Name}/{Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/')}");

    /// <exception cref="IOException">The entry is a link that leads nowhere.</exception>
    public static void ThrowIfBrokenLink(FileSystemInfo entry)
    {
        if (VersionFiles.IsBrokenLink(entry))
            throw new IOException($"{entry.FullName} is a link that leads nowhere.");
    }
}
