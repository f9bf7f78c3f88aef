using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes the answer of the model configuration extension: what Triton would call the settings in force.</summary>
public static class ConfigurationWriter
{
    public const string Platform = "onnxruntime_onnx";
    public const string Backend = "onnxruntime";

    /// <param name="maxBatch">0 when the model has no batch dimension; otherwise dims leave it out.</param>
    public static void Write(IBufferWriter<byte> output, Model model, BatchingSettings batching, int maxBatch)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("name"u8, model.Id.Name.Value);
        writer.WriteString("platform"u8, Platform);
        writer.WriteString("backend"u8, Backend);
        writer.WriteString("default_model_filename"u8, ModelVersion.ModelFileName);
        writer.WriteNumber("max_batch_size"u8, maxBatch);
        Write(writer, "input"u8, model.Signature.Inputs, maxBatch);
        Write(writer, "output"u8, model.Signature.Outputs, maxBatch);
        writer.WriteStartObject("dynamic_batching"u8);
        writer.WriteStartArray("preferred_batch_size"u8);
        foreach (var size in batching.PreferredSizes)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteNumber("max_queue_delay_microseconds"u8, (long)batching.MaxDelay.TotalMicroseconds);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Triton's name of a type, in its configuration.</summary>
    private static string TypeName(ElementType type) => type == ElementType.Bytes ? "TYPE_STRING" : $"TYPE_{type.Name()}";

    /// <summary>The dimensions but that of the batch.</summary>
    public static ReadOnlySpan<long> Dims(TensorSpec spec, int maxBatch) => maxBatch > 0 ? spec.Shape.Dimensions[1..] : spec.Shape.Dimensions;

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs, int maxBatch)
    {
        writer.WriteStartArray(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteString("data_type"u8, TypeName(spec.Type));
            writer.WriteStartArray("dims"u8);
            foreach (var dimension in Dims(spec, maxBatch))
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
