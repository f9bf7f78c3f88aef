using System.Buffers;
using System.Text.Json;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Protocols.Json;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes the response of the model configuration extension: the current settings in Triton's format.</summary>
public static class ConfigurationWriter
{
    /// <summary>Triton's name for the platform of the models.</summary>
    public const string Platform = "onnxruntime_onnx";
    public const string Backend = "onnxruntime";

    /// <summary>Writes the configuration of a loaded version.</summary>
    public static void Write(IBufferWriter<byte> output, ModelLease lease)
    {
        var (model, batching, maxBatch) = (lease.Model, lease.Batching, lease.MaxBatch);
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("name"u8, model.Id.Name.Value);
        writer.WriteString("platform"u8, Platform);
        writer.WriteString("backend"u8, Backend);
        writer.WriteString("default_model_filename"u8, ModelVersion.ModelFileName);
        writer.WriteStartObject("version_policy"u8);
        Write(writer, lease.ServePolicy);
        writer.WriteEndObject();
        writer.WriteNumber("max_batch_size"u8, maxBatch);
        Write(writer, "input"u8, model.Signature.Inputs, maxBatch, GetImageFormat(model.Image));
        Write(writer, "output"u8, model.Signature.Outputs, maxBatch, format: null);
        if (maxBatch > 0)
            Write(writer, batching);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, BatchingSettings batching)
    {
        writer.WriteStartObject("dynamic_batching"u8);
        writer.WriteStartArray("preferred_batch_size"u8);
        foreach (var size in batching.PreferredSizes)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteNumber("max_queue_delay_microseconds"u8, (long)batching.MaxDelay.TotalMicroseconds);
        writer.WriteEndObject();
    }

    /// <summary>Returns the name of a type in Triton's model configurations.</summary>
    private static string GetTypeName(ElementType type) => type == ElementType.Bytes ? "TYPE_STRING" : $"TYPE_{type.Name()}";

    /// <summary>Returns the name of an image layout in Triton's model configurations. Triton's image clients read this name.</summary>
    private static string GetImageFormat(ImageSettings? image) => image?.Layout switch
    {
        ImageLayout.Nchw => "FORMAT_NCHW",
        ImageLayout.Nhwc => "FORMAT_NHWC",
        null => "FORMAT_NONE",
    };

    /// <summary>Returns the dimensions without the batch dimension.</summary>
    /// <param name="maxBatch">0 when requests run without batching, or when the model accepts one item per run.</param>
    public static ReadOnlySpan<long> Dims(TensorSpec spec, int maxBatch) =>
        maxBatch > 0 ? spec.Shape.Dimensions[1..] : spec.ShapeForProtocols.Dimensions;

    private static void Write(Utf8JsonWriter writer, VersionPolicy policy)
    {
        if (policy.LatestCount is { } count)
        {
            writer.WriteStartObject("latest"u8);
            writer.WriteNumber("num_versions"u8, count);
        }
        else if (policy.Numbers.IsEmpty)
        {
            writer.WriteStartObject("all"u8);
        }
        else
        {
            writer.WriteStartObject("specific"u8);
            writer.WriteStartArray("versions"u8);
            foreach (var version in policy.Numbers)
                writer.WriteNumberValue(version);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs, int maxBatch, string? format)
    {
        writer.WriteStartArray(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteString("data_type"u8, GetTypeName(spec.Type));
            if (format is not null)
                writer.WriteString("format"u8, format);
            writer.WriteStartArray("dims"u8);
            foreach (var dimension in Dims(spec, maxBatch))
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
