using System.Text.Json;

namespace Functions.Worker.TestHost.Workers;

/// <summary>
/// The app's folder as the host reads it: the executable to start, the arguments before the host's own, and values of host.json.
/// </summary>
internal sealed record AppRoot(string Folder, string? Executable, IReadOnlyList<string> Arguments, string RoutePrefix, int MaxDequeueCount)
{
    private const string WorkerRoot = "{WorkerRoot}";
    private const string DotNet = "dotnet";

    /// <param name="path">
    /// The app's folder with worker.config.json, or an executable in an app's folder. An executable needs no worker.config.json.
    /// </param>
    /// <exception cref="InvalidDataException">The host would not start this app.</exception>
    public static AppRoot Read(string path)
    {
        var folder = Directory.Exists(path) ? Path.GetFullPath(path) : Path.GetDirectoryName(Path.GetFullPath(path))!;
        HostAssemblies.ThrowIfAnyIn(folder);
        var config = Path.Combine(folder, "worker.config.json");
        var (executable, arguments) = File.Exists(config)
            ? ReadStart(config, folder)
            : (Directory.Exists(path) ? null : Path.GetFullPath(path), []);
        using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "host.json")));
        return new AppRoot(
            folder,
            executable,
            arguments,
            Find(host.RootElement, "extensions", "http", "routePrefix")?.GetString()!.Trim('/') ?? "api",
            Find(host.RootElement, "extensions", "queues", "maxDequeueCount")?.GetInt32() ?? 5);
    }

    /// <summary>
    /// Reads worker.config.json as the host does, so that a file that the host would refuse fails here. Only the executable <c>dotnet</c>
    /// may be without a folder.
    /// </summary>
    private static (string Executable, IReadOnlyList<string> Arguments) ReadStart(string config, string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(config));
        var description = document.RootElement.GetProperty("description");
        if (description.GetProperty("workerIndexing").GetString() != "true")
            throw new InvalidDataException($"{config}: without \"workerIndexing\": \"true\" the host does not ask for the functions.");
        var executable = description.GetProperty("defaultExecutablePath").GetString()!;
        if (executable != DotNet && !executable.Contains(WorkerRoot, StringComparison.Ordinal))
            throw new InvalidDataException($"{config}: the host does not find {executable}: it needs {WorkerRoot} before it.");
        return (Expand(executable, folder), ReadWorker(config, description, folder));
    }

    private static IReadOnlyList<string> ReadWorker(string config, JsonElement description, string folder)
    {
        if (Find(description, "defaultWorkerPath")?.GetString() is not { Length: > 0 } path)
            return [];
        var worker = Path.Combine(folder, Expand(path, folder));
        return File.Exists(worker) ? [worker] : throw new InvalidDataException($"{config}: there is no {worker}.");
    }

    private static string Expand(string path, string folder) =>
        path.Replace(WorkerRoot, folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

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
