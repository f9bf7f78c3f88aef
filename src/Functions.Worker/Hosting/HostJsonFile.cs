using System.Text.Json;
using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>
/// Opens JSON files in the format of the Functions host, such as host.json. The files may contain comments and trailing commas.
/// </summary>
internal static class HostJsonFile
{
    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Opens a file, which must contain one JSON object. The caller disposes the document.</summary>
    /// <exception cref="StartupException">The file cannot be read, or does not contain a JSON object.</exception>
    public static JsonDocument Open(string path)
    {
        JsonDocument document;
        try
        {
            using var file = File.OpenRead(path);
            document = JsonDocument.Parse(file, Options);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {(e is JsonException json ? JsonErrorText.Describe(json) : e.Message)}", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;

        document.Dispose();
        throw new StartupException($"{path} must contain one JSON object.");
    }
}
