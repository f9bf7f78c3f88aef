using System.Buffers;
using System.Text.Json;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
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
        writer.WriteStartArray("input"u8);
        foreach (var input in model.Signature.Inputs)
            Write(writer, input, FindInput(model, input), maxBatch, GetImageFormat(model.Image));
        writer.WriteEndArray();
        writer.WriteStartArray("output"u8);
        foreach (var spec in model.Signature.Outputs)
            Write(writer, spec, FindOutput(model, spec), maxBatch, format: null);
        writer.WriteEndArray();
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

    /// <summary>
    /// Returns the dimensions of the model's own tensor, in the form of <see cref="Dims"/>; null when requests and responses have the same
    /// dimensions.
    /// </summary>
    public static long[]? ReshapeOf(TensorSpec spec, DeclaredTensor? declared, int maxBatch)
    {
        if (declared is not { CallerDims: { } callerDims, Dims: { } modelDims })
            return null;
        long[] shape = spec.Shape.Rank > callerDims.Length ? [spec.Shape[0], .. modelDims] : [.. modelDims];
        return maxBatch > 0 && shape.Length > 0 ? shape[1..] : shape;
    }

    /// <summary>Returns what the settings declare about an input; null when they declare nothing.</summary>
    public static DeclaredTensor? FindInput(Model model, TensorSpec input) =>
        model.Declared?.Inputs.FirstOrDefault(declared => declared.Name == input.Name);

    /// <summary>Returns what the settings declare about an output; null when they declare nothing.</summary>
    public static DeclaredTensor? FindOutput(Model model, TensorSpec output) =>
        model.Declared?.Outputs.FirstOrDefault(declared => declared.Name == output.Name);

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

    private static void Write(Utf8JsonWriter writer, TensorSpec spec, DeclaredTensor? declared, int maxBatch, string? format)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, spec.Name);
        writer.WriteString("data_type"u8, GetTypeName(spec.Type));
        if (format is not null)
            writer.WriteString("format"u8, format);
        WriteNumbers(writer, "dims"u8, Dims(spec, maxBatch));
        if (ReshapeOf(spec, declared, maxBatch) is { } shape)
        {
            writer.WriteStartObject("reshape"u8);
            WriteNumbers(writer, "shape"u8, shape);
            writer.WriteEndObject();
        }

        if (declared?.LabelFile is { } labelFile)
            writer.WriteString("label_filename"u8, labelFile);
        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
