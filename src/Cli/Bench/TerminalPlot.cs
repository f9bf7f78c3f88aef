using System.Globalization;

namespace Cli.Bench;

/// <summary>
/// Plots latency (y) against throughput (x) in characters for a terminal. Each target and mode (open or closed loop) has a lower-case
/// letter for the p50. The same letter in upper case is the p99. The latency scale is logarithmic, because a p99 can be many times the p50
/// and the plot has few rows.
/// </summary>
internal sealed class TerminalPlot
{
    private const int RowCount = 13;
    private const int LabelWidth = 9;
    private const int MinColumns = 40;
    private const int MaxColumns = 72;

    private readonly char[][] _grid;
    private readonly double _minMs;
    private readonly double _maxMs;
    private readonly double _maxThroughput;

    private TerminalPlot(IReadOnlyList<Measurement> points, int columns)
    {
        _grid = [.. Enumerable.Range(0, RowCount).Select(_ => new string(' ', columns).ToCharArray())];
        _minMs = points.Min(point => point.Result.Percentile(50));
        _maxMs = points.Max(point => point.Result.Percentile(99));
        _maxThroughput = points.Max(point => point.Result.Throughput);
    }

    /// <summary>Writes the plot. Fewer than two points are not plotted, because the table already shows them.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Measurement> measurements, int width)
    {
        var points = measurements.Where(measurement => measurement.Result.Latencies.Length > 0).ToList();
        if (points.Count < 2)
            return;
        var plot = new TerminalPlot(points, Math.Clamp(width - LabelWidth - 2, MinColumns, MaxColumns));
        output.WriteLine();
        var letter = 'a';
        foreach (var series in points.GroupBy(point => point.Series))
        {
            foreach (var point in series)
            {
                plot.Set(point, 99, char.ToUpperInvariant(letter));
                plot.Set(point, 50, letter);
            }

            output.WriteLine($"{series.Key}: {letter} p50, {char.ToUpperInvariant(letter++)} p99");
        }

        plot.WriteGrid(output);
    }

    private void Set(Measurement point, int percent, char letter)
    {
        var height = _maxMs > _minMs ? Math.Log(point.Result.Percentile(percent) / _minMs) / Math.Log(_maxMs / _minMs) : 0;
        var row = RowCount - 1 - (int)Math.Round(height * (RowCount - 1));
        var column = (int)Math.Round(point.Result.Throughput / _maxThroughput * (_grid[row].Length - 1));
        _grid[row][column] = letter;
    }

    private void WriteGrid(TextWriter output)
    {
        for (var row = 0; row < RowCount; row++)
        {
            var label = row % 2 == 0
                ? FormatLabel(_minMs * Math.Pow(_maxMs / _minMs, (double)(RowCount - 1 - row) / (RowCount - 1))) + (row == 0 ? " ms" : "")
                : "";
            output.WriteLine($"{label,LabelWidth} |{new string(_grid[row])}".TrimEnd());
        }

        var columns = _grid[0].Length;
        output.WriteLine($"{"",LabelWidth} +{new string('-', columns)}");
        output.WriteLine($"{"",LabelWidth} 0{(FormatLabel(_maxThroughput) + " responses/s").PadLeft(columns)}");
    }

    private static string FormatLabel(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
