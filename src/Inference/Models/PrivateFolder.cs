namespace Inference.Models;

/// <summary>A folder of files that are loaded later: nobody else may write there, for they could plant a model.</summary>
public static class PrivateFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the folder for this user alone, or checks the one there is.</summary>
    /// <returns>Why the folder is not to be used, as the end of a sentence; null when it may be.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static string? Ensure(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return null;
        }

        Directory.CreateDirectory(path, Owner);
        var mode = File.GetUnixFileMode(path);
        if ((mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            return $"other users can write to it (mode {Convert.ToString((int)mode, 8)})";
        try
        {
            // Only the owner may set a mode, even the one it has.
            File.SetUnixFileMode(path, mode);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "it belongs to another user";
        }
    }
}
