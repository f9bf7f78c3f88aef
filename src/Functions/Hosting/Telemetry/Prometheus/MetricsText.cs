using System.Buffers;
using System.Globalization;
using System.Text;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>Writes Prometheus' text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Write(IBufferWriter<byte> output, IEnumerable<MetricFamily> families)
    {
        foreach (var family in families)
        {
            var allSeries = family.Series.ToList();
            if (allSeries.Count == 0)
                continue;
            WriteLine(output, $"# HELP {family.Name} {family.Help}");
            WriteLine(output, $"# TYPE {family.Name} {TypeOf(family.Kind)}");
            foreach (var series in allSeries)
            {
                if (family.Kind == MetricKind.Histogram)
                    WriteHistogram(output, family, series);
                else
                    WriteLine(output, $"{family.Name}{AddBraces(series.Labels)} {FormatNumber(series.Value)}");
            }
        }
    }

    private static void WriteHistogram(IBufferWriter<byte> output, MetricFamily family, MetricSeries series)
    {
        var counts = series.GetCumulativeCounts();
        var comma = series.Labels.Length == 0 ? "" : ",";
        for (var i = 0; i < counts.Length; i++)
        {
            var bound = i < family.Bounds.Count ? FormatNumber(family.Bounds[i]) : "+Inf";
            WriteLine(output, $"{family.Name}_bucket{{{series.Labels}{comma}le=\"{bound}\"}} {counts[i]}");
        }

        WriteLine(output, $"{family.Name}_sum{AddBraces(series.Labels)} {FormatNumber(series.Value)}");
        WriteLine(output, $"{family.Name}_count{AddBraces(series.Labels)} {counts[^1]}");
    }

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
    };

    private static string AddBraces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static string FormatNumber(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void WriteLine(IBufferWriter<byte> output, string text)
    {
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\n"u8);
    }
}
