namespace Functions.Worker.TestHost.Workers;

/// <summary>
/// The assemblies that the host shares with the extensions it loads (runtimeassemblies.json of host 4.1037, without those it marks as
/// private). A copy in an app's folder, a major version above the host's, stops the host when it starts.
/// </summary>
internal static class HostAssemblies
{
    private static readonly HashSet<string> Names = Read();

    /// <summary>Checks the folder from which the host loads extensions; it does not look into the folders below for these names.</summary>
    /// <exception cref="InvalidDataException">The folder holds one of the host's own assemblies.</exception>
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
