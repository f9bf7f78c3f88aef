using System.Text.Json;
using Functions.Worker.Hosting;

namespace Functions.Worker.Standalone;

/// <summary>The parts of host.json that the worker reads: extensions.http.routePrefix and extensions.queues.</summary>
/// <param name="RoutePrefix">The prefix of all routes, without slashes at its ends; default: <c>api</c>.</param>
/// <param name="Queues">The values of extensions.queues as text, by their names. The case of the names is ignored.</param>
internal sealed record HostJson(string RoutePrefix, IReadOnlyDictionary<string, string> Queues)
{
    public const string FileName = "host.json";

    private const string DefaultRoutePrefix = "api";

    /// <summary>Reads the file. When the file is missing, all parts have their default values.</summary>
    /// <exception cref="StartupException">The file cannot be read, is malformed, or has a value of the wrong type.</exception>
    public static HostJson Read(string appRoot)
    {
        var path = Path.Combine(appRoot, FileName);
        if (!File.Exists(path))
            return new HostJson(DefaultRoutePrefix, new Dictionary<string, string>());

        using var document = HostJsonFile.Open(path);
        var extensions = Find(path, document.RootElement, "extensions");
        return new HostJson(
            ReadRoutePrefix(path, Find(path, extensions, "http")),
            ReadQueues(path, Find(path, extensions, "queues")));
    }

    private static string ReadRoutePrefix(string path, JsonElement? http)
    {
        if (http is not { } section || !section.TryGetProperty("routePrefix", out var prefix))
            return DefaultRoutePrefix;

        return prefix.ValueKind == JsonValueKind.String
            ? prefix.GetString()!.Trim('/')
            : throw new StartupException($"{path}: extensions.http.routePrefix must be a string, such as \"api\" or \"\".");
    }

    private static Dictionary<string, string> ReadQueues(string path, JsonElement? queues)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (queues is not { } section)
            return values;

        foreach (var value in section.EnumerateObject())
        {
            values[value.Name] = value.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? throw new StartupException($"{path}: extensions.queues.{value.Name} must be a number or a string.")
                : value.Value.ToString();
        }

        return values;
    }

    private static JsonElement? Find(string path, JsonElement? parent, string name)
    {
        if (parent is not { } section || !section.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Object ? value : throw new StartupException($"{path}: {name} must be an object.");
    }
}
