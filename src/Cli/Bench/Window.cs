namespace Cli.Bench;

/// <summary>The requests that ended within one period of a measurement.</summary>
/// <param name="Latencies">Milliseconds of successful requests, in ascending order.</param>
/// <param name="FirstFailure">The reason for the first failure; null when no request failed.</param>
internal sealed record Window(double[] Latencies, long Failures, string? FirstFailure, TimeSpan Duration)
{
    /// <summary>Successful requests per second.</summary>
    public double Throughput => Latencies.Length / Duration.TotalSeconds;

    /// <summary>Returns a percentile of the latencies in milliseconds (nearest-rank method); NaN when no request succeeded.</summary>
    /// <param name="percent">0 to 100.</param>
    public double Percentile(double percent) =>
        Latencies.Length == 0 ? double.NaN : Latencies[Math.Max(0, (int)Math.Ceiling(Latencies.Length * percent / 100) - 1)];

    /// <summary>Joins windows into one, whose duration is the sum of their durations.</summary>
    public static Window Join(IReadOnlyList<Window> windows)
    {
        var latencies = windows.SelectMany(window => window.Latencies).ToArray();
        Array.Sort(latencies);
        return new Window(
            latencies,
            windows.Sum(window => window.Failures),
            windows.Select(window => window.FirstFailure).FirstOrDefault(failure => failure is not null),
            TimeSpan.FromTicks(windows.Sum(window => window.Duration.Ticks)));
    }
}
