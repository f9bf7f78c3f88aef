namespace Inference.Repository.Tests;

internal static class RepositoryFile
{
    public static string PathOf(params ReadOnlySpan<string> names)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Functions.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run in the repository.");
        return Path.Combine([folder.FullName, .. names]);
    }
}
