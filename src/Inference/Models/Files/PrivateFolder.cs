using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Inference.Models.Files;

/// <summary>
/// Creates and checks folders whose files are loaded later. No other user may write to such a folder, because that user could plant a
/// model.
/// </summary>
public static partial class PrivateFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const string LinkReason = "it is a link that may belong to another user";

    /// <summary>
    /// Creates the folder for this user alone, or checks an existing folder. A link in place of the folder is refused: another user may
    /// have made the link and chosen its target.
    /// </summary>
    /// <returns>Why the folder must not be used, as the end of a sentence; null when it may be used.</returns>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to create the folder.</exception>
    public static string? Ensure(string path)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return null;
        }

        // The link is checked before the folder is created, because the creation would follow a link without a target.
        if (new FileInfo(path).LinkTarget is not null)
            return LinkReason;
        Directory.CreateDirectory(path, Owner);
        return OperatingSystem.IsLinux() ? FindProblem(path) : FindProblemByPath(path);
    }

    /// <summary>
    /// Returns why the folder must not be used; null when it may be used. The status is read only once, so that all checks see the same
    /// folder.
    /// </summary>
    private static string? FindProblem(string path)
    {
        if (!FileStatus.TryRead(path, followsLinks: false, out var status))
            throw new IOException($"the status of {path} cannot be read ({Marshal.GetLastPInvokeErrorMessage()})");
        if (!status.IsFolder)
            return LinkReason;
        if (status.UserId != GetEffectiveUser())
            return "it belongs to another user";
        return FindWriteProblem(status.Permissions);
    }

    [UnsupportedOSPlatform("windows")]
    private static string? FindProblemByPath(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if (FindWriteProblem(mode) is { } reason)
            return reason;
        try
        {
            // Only the owner may set a mode, even to its current value.
            File.SetUnixFileMode(path, mode);
            return new FileInfo(path).LinkTarget is null ? null : LinkReason;
        }
        catch (UnauthorizedAccessException)
        {
            return "it belongs to another user";
        }
    }

    private static string? FindWriteProblem(UnixFileMode mode) =>
        (mode & OthersWrite) == 0 ? null : $"other users can write to it (mode {Convert.ToString((int)mode, 8)})";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
