using System.Text.Json;

namespace Functions.Worker.TestHost.Workers;

/// <summary>The app's folder: which executable the host starts, and what host.json says.</summary>
internal sealed record AppRoot(string Folder, string? Executable, string RoutePrefix, int MaxDequeueCount)
{
    private const string WorkerRoot = "{WorkerRoot}";

    /// <param name="path">The app's folder with its worker.config.json, or an executable in an app's folder, which needs none.</param>
    public static AppRoot Read(string path)
    {
        var folder = Directory.Exists(path) ? Path.GetFullPath(path) : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var config = Path.Combine(folder, "worker.config.json");
        var executable = File.Exists(config) ? ReadExecutable(config, folder) : Directory.Exists(path) ? null : Path.GetFullPath(path);
        using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "host.json")));
        return new AppRoot(
            folder,
            executable,
            Find(host.RootElement, "extensions", "http", "routePrefix")?.GetString()!.Trim('/') ?? "api",
            Find(host.RootElement, "extensions", "queues", "maxDequeueCount")?.GetInt32() ?? 5);
    }

    /// <summary>The host's own rules, so that a file it would refuse fails here.</summary>
    private static string ReadExecutable(string config, string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(config));
        var description = document.RootElement.GetProperty("description");
        var executable = description.GetProperty("defaultExecutablePath").GetString()!;
        if (!executable.Contains(WorkerRoot, StringComparison.Ordinal))
            throw new InvalidDataException($"{config}: the host does not find {executable}: it needs {WorkerRoot} before it.");
        if (description.GetProperty("workerIndexing").GetString() != "true")
            throw new InvalidDataException($"{config}: without \"workerIndexing\": \"true\" the host does not ask for the functions.");
        return executable.Replace(WorkerRoot, folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (!element.TryGetProperty(name, out element))
                return null;
        }

        return element;
    }
}
