using System.Globalization;
using System.Runtime.InteropServices;
using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>Tells a file from every other and from what it was before a change, without reading it.</summary>
internal static class FileIdentity
{
    /// <exception cref="IOException">The file is not there, or its status cannot be read.</exception>
    public static string Of(string path)
    {
        var file = new FileInfo(path);
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}|{file.CreationTimeUtc.Ticks}");
        if (!OperatingSystem.IsLinux())
            return text;

        // A retrained model has the length of the one before, and images and archives give all files one time. The time at
        // which the inode changed cannot be set.
        if (!FileStatus.TryRead(file.FullName, followsLinks: true, out var status))
            throw new IOException($"the status of {file.FullName} cannot be read ({Marshal.GetLastPInvokeErrorMessage()})");
        return string.Create(CultureInfo.InvariantCulture, $"{text}|{status.Inode}|{status.Changed.Seconds}.{status.Changed.Nanoseconds}");
    }
}
