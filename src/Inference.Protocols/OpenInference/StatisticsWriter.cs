using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Json;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes the response of the statistics extension in Triton's format.</summary>
public static class StatisticsWriter
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Writes the statistics of several versions.</summary>
    public static void Write(IBufferWriter<byte> output, IEnumerable<(ModelId Id, ModelStatistics Statistics)> versions)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("model_stats"u8);
        foreach (var (id, statistics) in versions)
            Write(writer, id, statistics);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ModelId id, ModelStatistics statistics)
    {
        var (runs, requests) = (statistics.Runs, statistics.Success.Count);
        writer.WriteStartObject();
        writer.WriteString("name"u8, id.Name.Value);
        writer.WriteString("version"u8, id.Version.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("last_inference"u8, statistics.LastInference?.ToUnixTimeMilliseconds() ?? 0);
        writer.WriteNumber("inference_count"u8, runs.Sum(run => run.BatchSize * run.Infer.Count));
        writer.WriteNumber("execution_count"u8, runs.Sum(run => run.Infer.Count));
        writer.WriteStartObject("inference_stats"u8);
        Write(writer, "success"u8, requests, statistics.Success.Total);
        Write(writer, "fail"u8, statistics.Failure.Count, statistics.Failure.Total);
        Write(writer, "queue"u8, requests, statistics.QueueTime);
        Write(writer, "compute_input"u8, requests, statistics.InputTime);
        Write(writer, "compute_infer"u8, requests, statistics.InferTime);
        Write(writer, "compute_output"u8, requests, statistics.OutputTime);
        Write(writer, "cache_hit"u8, 0, TimeSpan.Zero);
        Write(writer, "cache_miss"u8, 0, TimeSpan.Zero);
        writer.WriteEndObject();
        writer.WriteStartArray("batch_stats"u8);
        foreach (var run in runs)
        {
            writer.WriteStartObject();
            writer.WriteNumber("batch_size"u8, run.BatchSize);
            Write(writer, "compute_input"u8, run.Infer.Count, run.Input.Total);
            Write(writer, "compute_infer"u8, run.Infer.Count, run.Infer.Total);
            Write(writer, "compute_output"u8, run.Infer.Count, run.Output.Total);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long count, TimeSpan total)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count"u8, count);
        writer.WriteNumber("ns"u8, total.Ticks * NanosecondsPerTick);
        writer.WriteEndObject();
    }
}
