using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.Embeddings;

/// <summary>Writes the responses of OpenAI's embeddings call.</summary>
public static class EmbeddingWriter
{
    /// <summary>Writes <c>{"object":"list","data":[{"object":"embedding","index","embedding"}],"model","usage"}</c>.</summary>
    /// <exception cref="InferenceException">
    /// The model returned no embeddings, embeddings that are not finite, or embeddings shorter than requested.
    /// </exception>
    public static void Write(IBufferWriter<byte> output, Prediction prediction, EmbeddingBody body)
    {
        var texts = body.Texts;
        using var pooled = TextPooler.Pool(prediction, texts);
        var vectors = pooled ?? TextPooler.FindVectors(prediction, texts.Count);
        var size = (int)vectors.Shape[1];
        TextPooler.ThrowIfNotFinite(vectors, texts);
        var writer = JsonText.GetWriter(output);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (var index = 0; index < texts.Count; index++)
            WriteEmbedding(writer, index, vectors.Values<float>().Slice(index * size, size), body.IsBase64);

        writer.WriteEndArray();
        writer.WriteString("model"u8, prediction.Model.Id.Name.Value);
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, texts.TokenCount);
        writer.WriteNumber("total_tokens"u8, texts.TokenCount);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Writes <c>{"error":{"message","type","param","code"}}</c>.</summary>
    /// <param name="status">The HTTP status of the response.</param>
    public static void WriteError(IBufferWriter<byte> output, int status, string message)
    {
        const int TooMany = 429;
        const int NotFound = 404;
        const int ServerError = 500;
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, message);
        writer.WriteString(
            "type"u8, status >= ServerError ? "server_error"u8 : status == TooMany ? "rate_limit_error"u8 : "invalid_request_error"u8);
        writer.WriteNull("param"u8);
        if (status == NotFound)
            writer.WriteString("code"u8, "model_not_found"u8);
        else
            writer.WriteNull("code"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEmbedding(Utf8JsonWriter writer, int index, Span<float> vector, bool isBase64)
    {
        writer.WriteStartObject();
        writer.WriteString("object"u8, "embedding"u8);
        writer.WriteNumber("index"u8, index);
        if (isBase64)
        {
            writer.WriteBase64String("embedding"u8, MemoryMarshal.AsBytes(vector));
        }
        else
        {
            writer.WriteStartArray("embedding"u8);
            JsonTensorWriter.WriteNumbers(writer, vector);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
