using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Hosting;

/// <summary>The <c>Values</c> of local.settings.json, which a Functions host passes as environment variables.</summary>
internal static class LocalSettings
{
    public const string FileName = "local.settings.json";

    /// <summary>Reads the settings of the file. Double underscores in names become colons.</summary>
    /// <exception cref="StartupException">
    /// The file cannot be read or is encrypted, Values is not an object, or the value of a setting is an object or an array.
    /// </exception>
    public static IEnumerable<KeyValuePair<string, string?>> Read(string path)
    {
        using var document = HostJsonFile.Open(path);
        if (document.RootElement.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
            throw new StartupException($"{path} is encrypted. Run: func settings decrypt");
        if (!document.RootElement.TryGetProperty("Values", out var values))
            return [];
        if (values.ValueKind != JsonValueKind.Object)
            throw new StartupException($"{path}: Values must be an object of names and strings.");

        return [.. values.EnumerateObject().Select(entry => new KeyValuePair<string, string?>(
            entry.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), ReadText(path, entry)))];
    }

    private static string? ReadText(string path, JsonProperty entry) =>
        entry.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
        ? entry.Value.ToString()
        : throw new StartupException($"{path}: {entry.Name} in Values must be a string; write {entry.Name}__Name for a value inside it.");
}
