namespace Infra.Tests.Support;

/// <summary>Finds out whether the app's code reads a setting. Deployments may set no other settings.</summary>
internal static class AppSettings
{
    private static readonly Lazy<string> Source = new(() => string.Concat(
        Directory.EnumerateFiles(Repository.Combine("src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

    /// <summary>
    /// Whether the app reads <c>Section__Name</c>, either as a whole or by its name in a section that is chosen at run time.
    /// </summary>
    public static bool IsReal(string setting)
    {
        var key = setting.Replace("__", ":", StringComparison.Ordinal);
        var name = key[(key.LastIndexOf(':') + 1)..];
        return new[] { $"\"{key}\"", $"}}:{name}\"", $"\":{name}\"" }.Any(text => Source.Value.Contains(text, StringComparison.Ordinal));
    }
}
