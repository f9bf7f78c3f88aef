namespace Inference.Models.Files;

/// <summary>Tells files from pipes, sockets and devices. A read of those may never end.</summary>
public static class RegularFile
{
    /// <summary>Whether a path names a file, perhaps by links. False also when nothing is there.</summary>
    public static bool IsAt(string path) =>
        OperatingSystem.IsLinux() ? FileStatus.TryRead(path, followsLinks: true, out var status) && status.IsFile : File.Exists(path);
}
