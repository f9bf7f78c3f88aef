using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Tensors;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>The limits and the version of the server for the info call.</summary>
/// <param name="MaxConcurrentRequests">The maximum number of concurrent requests.</param>
/// <param name="TokenizationWorkers">The number of threads that tokenize.</param>
public readonly record struct ServerInfo(int MaxConcurrentRequests, int TokenizationWorkers, string Version);

/// <summary>Writes the response of the info call.</summary>
public static class InfoWriter
{
    /// <summary>Writes the limits of the model and of the server, and the kind of the model.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model accepts neither texts nor images.
    /// </exception>
    public static void Write(IBufferWriter<byte> output, Model model, ServerInfo server)
    {
        if (model is { Text: null, Image: null })
            throw TextTokenizer.CreateNotTextModelError(model);
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("model_id"u8, model.Id.Name.Value);
        writer.WriteString("model_sha"u8, model.Digest?.Sha256);
        writer.WriteString("model_dtype"u8, GetTypeName(model));
        writer.WriteString("served_model_name"u8, model.Id.Name.Value);
        writer.WriteStartObject("model_type"u8);
        WriteKind(writer, model);
        writer.WriteEndObject();
        writer.WriteNumber("max_concurrent_requests"u8, server.MaxConcurrentRequests);
        if (model.Text is { } settings)
            writer.WriteNumber("max_input_length"u8, settings.MaxTokens);
        else
            writer.WriteNull("max_input_length"u8);
        writer.WriteNumber("max_batch_tokens"u8, TextBatch.MaxPaddedTokens);
        writer.WriteNull("max_batch_requests"u8);
        writer.WriteNumber("max_client_batch_size"u8, TextBatch.MaxTexts);
        writer.WriteBoolean("auto_truncate"u8, false);
        writer.WriteNumber("tokenization_workers"u8, server.TokenizationWorkers);
        writer.WriteString("version"u8, server.Version);
        writer.WriteNull("sha"u8);
        writer.WriteNull("docker_label"u8);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes the kind of the model. Text Embeddings Inference has no kind for models that fill masks, so the name of the task is written.
    /// </summary>
    private static void WriteKind(Utf8JsonWriter writer, Model model)
    {
        if (model.Task == ModelTask.FillMask)
        {
            writer.WriteStartObject(ModelTaskNames.GetName(ModelTask.FillMask));
            writer.WriteEndObject();
            return;
        }

        if (model is { Text: { } settings, Task: null or ModelTask.FeatureExtraction })
        {
            writer.WriteStartObject("embedding"u8);
            writer.WriteString("pooling"u8, settings.Pooling switch
            {
                TextPooling.Mean => "mean",
                TextPooling.Cls => "cls",
                TextPooling.Last => "last_token",
                TextPooling.Max => "max",
                TextPooling.None => "none",
            });
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartObject(model.Task == ModelTask.TextRanking ? "reranker"u8 : "classifier"u8);
        writer.WriteStartObject("id2label"u8);
        var count = Math.Max(1, model.Labels.Length);
        for (var index = 0; index < count; index++)
            writer.WriteString($"{index}", TextClassifier.GetLabel(model, index));
        writer.WriteEndObject();
        writer.WriteStartObject("label2id"u8);
        for (var index = 0; index < count; index++)
            writer.WriteNumber(TextClassifier.GetLabel(model, index), index);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Returns PyTorch's name for the type of the model's first output.</summary>
    private static string GetTypeName(Model model) => model.Signature.Outputs is [var output, ..] ? output.Type switch
    {
        ElementType.Float16 => "float16",
        ElementType.BFloat16 => "bfloat16",
        ElementType.Float64 => "float64",
        _ => "float32",
    } : "float32";
}
