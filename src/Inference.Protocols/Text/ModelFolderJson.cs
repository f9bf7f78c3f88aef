using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Protocols.Text;

/// <summary>Reads the small JSON files of a model.</summary>
internal static class ModelFolderJson
{
    private const int MaxSize = 1 << 20;

    /// <param name="name">The name of the file in messages.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is too large, or is not a JSON object.</exception>
    public static JsonDocument Read(string path, string name)
    {
        if (new FileInfo(path).Length > MaxSize)
            throw new InvalidDataException($"{name} is larger than {MaxSize} bytes, the maximum for a configuration.");
        var json = ByteOrderMark.Skip(new ReadOnlyMemory<byte>(File.ReadAllBytes(path)));
        try
        {
            StrictJson.ThrowIfInvalid(json.Span);
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is not valid JSON: {StrictJson.Describe(e, json.Span)}", e);
        }

        throw new InvalidDataException($"{name} is not a JSON object.");
    }
}
