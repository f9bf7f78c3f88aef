using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Hosting;

/// <summary>The <c>Values</c> of local.settings.json, which a Functions host passes as environment variables.</summary>
internal static class LocalSettings
{
    public const string FileName = "local.settings.json";

    /// <summary>Reads the settings of the file. Double underscores in names become colons.</summary>
    /// <exception cref="StartupException">
    /// The file cannot be read, is encrypted, or has an object or array as the value of a setting.
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

        return [.. values.EnumerateObject().Select(value => new KeyValuePair<string, string?>(
            value.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), Text(path, value)))];
    }

    private static string? Text(string path, JsonProperty value) =>
        value.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
        ? value.Value.ToString()
        : throw new StartupException($"{path}: {value.Name} in Values must be a string; write {value.Name}__Name for a value inside it.");
}
