namespace Inference.Models.Files;

/// <summary>Distinguishes files from pipes, sockets and devices, whose reads may never end.</summary>
public static class RegularFile
{
    /// <summary>Whether a path leads to a file, possibly through links. Returns false when nothing exists there.</summary>
    public static bool Exists(string path) =>
        OperatingSystem.IsLinux() ? FileStatus.TryRead(path, followsLinks: true, out var status) && status.IsFile : File.Exists(path);
}
