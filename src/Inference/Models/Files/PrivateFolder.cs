using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Inference.Models.Files;

/// <summary>A folder of files that are loaded later: nobody else may write there, for they could plant a model.</summary>
public static partial class PrivateFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const string LinkReason = "it is a link that may belong to another user";

    /// <summary>
    /// Creates the folder for this user alone, or checks the one there is. A link in its place is not followed: whoever made the link may
    /// not be able to write to the folder that it leads to, but chooses the folder.
    /// </summary>
    /// <returns>Why the folder is not to be used, as the end of a sentence; null when it may be.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static string? Ensure(string path)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return null;
        }

        // Before the folder is made: that would follow a link that leads nowhere.
        if (new FileInfo(path).LinkTarget is not null)
            return LinkReason;
        Directory.CreateDirectory(path, Owner);
        return OperatingSystem.IsLinux() ? Check(path) : CheckByPath(path);
    }

    /// <summary>Looks once, so that what is judged is one and the same thing.</summary>
    private static string? Check(string path)
    {
        if (!FileStatus.TryRead(path, followsLinks: false, out var status))
            throw new IOException($"the status of {path} cannot be read ({Marshal.GetLastPInvokeErrorMessage()})");
        if (!status.IsFolder)
            return LinkReason;
        if (status.User != GetEffectiveUser())
            return "it belongs to another user";
        return FindWriters(status.Permissions);
    }

    [UnsupportedOSPlatform("windows")]
    private static string? CheckByPath(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if (FindWriters(mode) is { } reason)
            return reason;
        try
        {
            // Only the owner may set a mode, even the one it has.
            File.SetUnixFileMode(path, mode);
            return new FileInfo(path).LinkTarget is null ? null : LinkReason;
        }
        catch (UnauthorizedAccessException)
        {
            return "it belongs to another user";
        }
    }

    private static string? FindWriters(UnixFileMode mode) =>
        (mode & OthersWrite) == 0 ? null : $"other users can write to it (mode {Convert.ToString((int)mode, 8)})";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
