namespace Cli.Models.Stores;

/// <summary>Symbolic links and junctions, behind which nothing is written or deleted.</summary>
internal static class Link
{
    /// <summary>Whether there is a link, wherever it leads.</summary>
    public static bool IsAt(string path) => new FileInfo(path).LinkTarget is not null;

    /// <param name="root">May be a link itself: the user has named it.</param>
    /// <param name="path">Below the root.</param>
    /// <exception cref="CliException">The path, or a folder on the way to it, is a link.</exception>
    public static void ThrowIfOnTheWay(string root, string path)
    {
        for (var part = path; part.Length > root.Length; part = Path.GetDirectoryName(part)!)
        {
            if (IsAt(part))
            {
                throw new CliException(
                    $"\"{part}\" is a link, and nothing is changed behind links in a folder of models. "
                    + "Replace it by what it leads to, or delete it.");
            }
        }
    }
}
