namespace Architecture.Tests;

/// <summary>The Markdown pages of the repository, by their paths in it.</summary>
internal static class Documents
{
    private static readonly string Root = Path.GetDirectoryName(SourceProject.Root)!;

    /// <summary>Gets the paths of the named pages, and of all pages in the named folders.</summary>
    public static IEnumerable<string> Find(params string[] places) => places
        .Select(place => Path.Combine(Root, place))
        .SelectMany(place => File.Exists(place) ? [place] : Directory.EnumerateFiles(place, "*.md", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path));

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    /// <summary>Tells whether the repository has the file or folder.</summary>
    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));
}
