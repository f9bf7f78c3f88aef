namespace Functions.Worker.TestHost.Workers;

/// <summary>
/// The assemblies that the host shares with its extensions: runtimeassemblies.json of host 4.1037, without those that are marked as
/// private. When an app's folder contains a copy with a higher major version, the host fails to start.
/// </summary>
internal static class HostAssemblies
{
    private static readonly HashSet<string> Names = Read();

    /// <summary>
    /// Checks the folder from which the host loads extensions. Its subfolders are not checked, because the host does not look there for
    /// these names.
    /// </summary>
    /// <exception cref="InvalidDataException">The folder contains one of the host's own assemblies.</exception>
    public static void ThrowIfAnyIn(string appRoot)
    {
        var folder = Path.Combine(appRoot, ".azurefunctions");
        if (!Directory.Exists(folder))
            return;

        var shipped = Directory.EnumerateFiles(folder, "*.dll")
            .Select(Path.GetFileNameWithoutExtension).Where(name => Names.Contains(name!)).Order().ToList();
        if (shipped.Count > 0)
        {
            throw new InvalidDataException(
                $"{folder} holds {shipped.Count} assemblies of the host's own, which can stop the host: {string.Join(", ", shipped)}.");
        }
    }

    private static HashSet<string> Read()
    {
        using var names = new StreamReader(typeof(HostAssemblies).Assembly.GetManifestResourceStream("HostAssemblies.txt")!);
        return names.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
