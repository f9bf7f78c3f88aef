using System.Globalization;
using System.Runtime.InteropServices;
using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>Identifies a file in its current state, without reading its content.</summary>
internal static class FileIdentity
{
    /// <exception cref="IOException">The file does not exist, or its status cannot be read.</exception>
    public static string Read(string path)
    {
        var file = new FileInfo(path);
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}|{file.CreationTimeUtc.Ticks}");
        if (!OperatingSystem.IsLinux())
            return text;

        // A retrained model may have the same length, and container images and archives may set the same time for all files. So the inode
        // and the time of its last change, which no program can set, are included.
        if (!FileStatus.TryRead(file.FullName, followsLinks: true, out var status))
            throw new IOException($"the status of {file.FullName} cannot be read ({Marshal.GetLastPInvokeErrorMessage()})");
        return string.Create(CultureInfo.InvariantCulture, $"{text}|{status.Inode}|{status.ChangeTime.Seconds}.{status.ChangeTime.Nanoseconds}");
    }
}
