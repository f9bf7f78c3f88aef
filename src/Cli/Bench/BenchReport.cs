using System.Text.Json;
using Cli.Output;

namespace Cli.Bench;

/// <summary>Writes measurements as a table or as JSON.</summary>
internal static class BenchReport
{
    /// <summary>Writes a table to stdout, and the first failure of each measurement to stderr.</summary>
    public static void WriteText(IReadOnlyList<Measurement> measurements)
    {
        var table = new TextTable(
            TableOverflow.Transpose, "target", "load", "responses/s", "p50 ms", "p90", "p95", "p99", "max", "failed", "stable",
            "server ms", "queue", "compute", "requests/run");
        foreach (var (target, load, result, server, isStable) in measurements)
        {
            table.Add(
                target, load.ToString(), $"{result.Throughput:0.0}", Format(result.Percentile(50)), Format(result.Percentile(90)),
                Format(result.Percentile(95)),
                Format(result.Percentile(99)), Format(result.Percentile(100)), $"{result.Failures}", isStable ? "yes" : "no",
                Format(server?.Total), Format(server?.Queue), Format(server?.Compute), Format(server?.RequestsPerRun));
        }

        table.Write();
        foreach (var failed in measurements.Where(measurement => measurement.Result.FirstFailure is not null))
        {
            SafeConsole.WriteError(
                $"{failed.Target}, {failed.Load}: {failed.Result.Failures} failed, the first with: {failed.Result.FirstFailure}");
        }
    }

    public static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<Measurement> measurements)
    {
        writer.WriteStartArray();
        foreach (var (target, load, result, server, isStable) in measurements)
        {
            writer.WriteStartObject();
            writer.WriteString("target"u8, target);
            writer.WriteString("mode"u8, load.Mode);
            writer.WriteNumber("level"u8, load.Level);
            writer.WriteNumber("throughput"u8, Math.Round(result.Throughput, 3));
            foreach (var percent in (ReadOnlySpan<int>)[50, 90, 95, 99, 100])
                Write(writer, percent == 100 ? "maxMs" : $"p{percent}Ms", result.Percentile(percent));
            writer.WriteNumber("answers"u8, result.Latencies.Length);
            writer.WriteNumber("failures"u8, result.Failures);
            writer.WriteBoolean("stable"u8, isStable);
            if (server is not null)
                WriteAverages(writer, server);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteAverages(Utf8JsonWriter writer, ServerAverages server)
    {
        writer.WriteStartObject("server"u8);
        Write(writer, "totalMs", server.Total);
        Write(writer, "queueMs", server.Queue);
        Write(writer, "computeMs", server.Compute);
        Write(writer, "requestsPerRun", server.RequestsPerRun);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, Math.Round(value, 4));
        else
            writer.WriteNull(name);
    }

    private static string Format(double? value) => value is { } number && double.IsFinite(number) ? $"{number:0.00}" : "-";
}
