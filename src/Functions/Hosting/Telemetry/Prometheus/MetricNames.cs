using System.Text;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// Creates Prometheus names according to OpenTelemetry's specification, "Prometheus and OpenMetrics compatibility": the unit and, for
/// counters, <c>total</c> are suffixes.
/// </summary>
internal static class MetricNames
{
    /// <summary>Returns the name of a metric.</summary>
    public static string CreateName(string name, string? unit, MetricKind kind)
    {
        var text = new StringBuilder(Clean(name));
        if (FindSuffix(unit) is { } suffix && !name.EndsWith(suffix, StringComparison.Ordinal))
            text.Append('_').Append(suffix);
        if (kind == MetricKind.Counter)
            text.Append("_total");
        return text.ToString();
    }

    /// <summary>Returns labels as text, without braces: <c>model="iris",code="ok"</c>.</summary>
    public static string FormatLabels(IReadOnlyList<KeyValuePair<string, object?>> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
            text.Append(text.Length == 0 ? "" : ",").Append(Clean(name)).Append("=\"").Append(Escape($"{value}")).Append('"');
        return text.ToString();
    }

    private static string Clean(string name) => name.Replace('.', '_').Replace('-', '_');

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>
    /// Returns the suffix for seconds and bytes; null for any other unit. A unit in braces, such as <c>{request}</c>, is only an
    /// annotation.
    /// </summary>
    private static string? FindSuffix(string? unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => null,
    };
}
