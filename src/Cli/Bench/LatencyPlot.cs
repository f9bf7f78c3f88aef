using System.Globalization;
using System.Net;
using System.Text;

namespace Cli.Bench;

/// <summary>
/// Plots latency (y) against throughput (x) as SVG. Each target and mode (open or closed loop) has a solid line for the p50 and a dashed
/// line for the p99.
/// </summary>
internal static class LatencyPlot
{
    private const int Width = 760;
    private const int Height = 460;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 40;
    private const int Bottom = 60;
    private const int IntervalCount = 5;

    private static readonly string[] Colors = ["#0b62a4", "#c2410c", "#15803d", "#7e22ce"];

    /// <summary>Returns the SVG document. At least one measurement must have a successful request.</summary>
    public static string Draw(string model, IReadOnlyList<Measurement> measurements)
    {
        var points = measurements.Where(measurement => measurement.Result.Latencies.Length > 0).ToList();
        var maxX = RoundUp(points.Max(point => point.Result.Throughput));
        var maxY = RoundUp(points.Max(point => point.Result.Percentile(99)));
        var svg = new StringBuilder();
        AppendLine(svg,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        AppendLine(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        AppendLine(svg, $"<text x=\"{Left}\" y=\"20\" font-size=\"15\">{WebUtility.HtmlEncode(model)}: latency and throughput</text>");
        DrawAxes(svg, maxX, maxY);
        var index = 0;
        foreach (var series in points.GroupBy(point => point.Series))
        {
            var color = Colors[index % Colors.Length];
            var ordered = series.OrderBy(point => point.Load.Level).ToList();
            DrawSeries(svg, ordered, 50, color, "", maxX, maxY);
            DrawSeries(svg, ordered, 99, color, " stroke-dasharray=\"5 4\"", maxX, maxY);
            var (name, y) = (WebUtility.HtmlEncode(series.Key), Top + 16 + (16 * index++));
            AppendLine(svg, $"<text x=\"{Left + 10}\" y=\"{y}\" fill=\"{color}\">{name}: p50, p99 dashed</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawAxes(StringBuilder svg, double maxX, double maxY)
    {
        for (var tick = 0; tick <= IntervalCount; tick++)
        {
            var (valueX, valueY) = (maxX * tick / IntervalCount, maxY * tick / IntervalCount);
            var (x, y) = (X(valueX, maxX), Y(valueY, maxY));
            AppendLine(svg, $"<path d=\"M{Left} {y:0.#}H{Width - Right}M{x:0.#} {Top}V{Height - Bottom}\" stroke=\"#ddd\"/>");
            AppendLine(svg, $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{valueY:0.###}</text>");
            AppendLine(svg, $"<text x=\"{x:0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{valueX:0.###}</text>");
        }

        var centerX = Left + ((Width - Left - Right) / 2);
        AppendLine(svg, $"<text x=\"{centerX}\" y=\"{Height - 16}\" text-anchor=\"middle\">responses per second</text>");
        var centerY = Top + ((Height - Top - Bottom) / 2);
        AppendLine(svg, $"<text transform=\"translate(18 {centerY}) rotate(-90)\" text-anchor=\"middle\">milliseconds</text>");
    }

    private static void DrawSeries(
        StringBuilder svg, List<Measurement> points, double percent, string color, string dashAttribute, double maxX, double maxY)
    {
        var dots =
            points.ConvertAll(point => (X: X(point.Result.Throughput, maxX), Y: Y(point.Result.Percentile(percent), maxY), point.Load));
        var path = string.Join('L', dots.Select(dot => string.Create(CultureInfo.InvariantCulture, $"{dot.X:0.#} {dot.Y:0.#}")));
        AppendLine(svg, $"<path d=\"M{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashAttribute}/>");
        foreach (var (x, y, load) in dots)
            AppendLine(svg, $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\" fill=\"{color}\"><title>{load}</title></circle>");
    }

    private static void AppendLine(StringBuilder svg, FormattableString text) =>
        svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static double X(double value, double max) => Left + (value / max * (Width - Left - Right));

    private static double Y(double value, double max) => Height - Bottom - (value / max * (Height - Top - Bottom));

    /// <summary>Rounds a value up to 1, 2, 5 or 10 times a power of ten, for example 34 to 50.</summary>
    private static double RoundUp(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * (value / power) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 5 => 5,
            _ => 10,
        };
    }
}
