using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;

namespace Inference.Protocols.Embeddings;

/// <summary>Writes models in the format of OpenAI's models call.</summary>
public static class OpenAiModelWriter
{
    /// <summary>Writes <c>{"object":"list","data":[{"id","object":"model","created","owned_by"}]}</c>.</summary>
    /// <param name="versions">The versions of all models.</param>
    /// <param name="owner">The name of the server.</param>
    public static void WriteList(IBufferWriter<byte> output, IEnumerable<ModelVersion> versions, string owner)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var model in versions.GroupBy(version => version.Id.Name))
        {
            writer.WriteStartObject();
            WriteMembers(writer, model.Key, model, owner);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of one model into an object: <c>"id","object":"model","created","owned_by"</c>.</summary>
    /// <param name="versions">The versions of the model.</param>
    public static void WriteMembers(Utf8JsonWriter writer, ModelName model, IEnumerable<ModelVersion> versions, string owner)
    {
        writer.WriteString("id"u8, model.Value);
        writer.WriteString("object"u8, "model"u8);
        // Clients require a creation time, but a store only knows when files were last modified. So the latest modification time is
        // written, or 0 when the store knows no such time.
        writer.WriteNumber("created"u8, versions.Max(version => version.Modified)?.ToUnixTimeSeconds() ?? 0);
        writer.WriteString("owned_by"u8, owner);
    }
}
