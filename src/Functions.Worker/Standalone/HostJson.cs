using System.Text.Json;
using Functions.Worker.Hosting;

namespace Functions.Worker.Standalone;

/// <summary>The one thing in host.json that matters without a host: extensions.http.routePrefix.</summary>
internal static class HostJson
{
    private const string DefaultRoutePrefix = "api";

    public static string ReadRoutePrefix(string appRoot)
    {
        var path = Path.Combine(appRoot, "host.json");
        if (!File.Exists(path))
            return DefaultRoutePrefix;

        using var document = JsonFile.Open(path);
        if (!TryGet(path, document.RootElement, "extensions", out var extensions)
            || !TryGet(path, extensions, "http", out var http)
            || !http.TryGetProperty("routePrefix", out var prefix))
        {
            return DefaultRoutePrefix;
        }

        return prefix.ValueKind == JsonValueKind.String
            ? prefix.GetString()!.Trim('/')
            : throw new StartupException($"{path}: extensions.http.routePrefix must be a string, such as \"api\" or \"\".");
    }

    private static bool TryGet(string path, JsonElement parent, string name, out JsonElement value)
    {
        if (!parent.TryGetProperty(name, out value))
            return false;
        if (value.ValueKind != JsonValueKind.Object)
            throw new StartupException($"{path}: {name} must be an object.");
        return true;
    }
}
