namespace Cli.Models.Stores;

/// <summary>
/// Detects symbolic links and junctions. Commands do not write or delete through links, because a link can lead out of the store.
/// </summary>
internal static class Link
{
    /// <summary>Whether the path is a link, even a broken one.</summary>
    public static bool IsAt(string path) => new FileInfo(path).LinkTarget is not null;

    /// <param name="root">The folder of the store, which is not checked: the user has chosen this folder, so it can be a link.</param>
    /// <param name="path">A path below the root.</param>
    /// <exception cref="CliException">The path, or a folder on the way to it, is a link.</exception>
    public static void ThrowIfInPath(string root, string path)
    {
        for (var part = path; part.Length > root.Length; part = Path.GetDirectoryName(part)!)
        {
            if (IsAt(part))
            {
                throw new CliException(
                    $"\"{part}\" is a link, and the command does not change files behind links. "
                    + "Replace the link with its target, or delete the link.");
            }
        }
    }
}
