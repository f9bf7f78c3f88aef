using System.Diagnostics;

internal static class Recovery
{
    /// <summary>The number of fast responses in a row that count as recovered, because a single one may be luck.</summary>
    private const int InARow = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <returns>
    /// The milliseconds until the first of these responses was requested. Each must arrive within <paramref name="limit"/> milliseconds.
    /// </returns>
    public static async Task<double> WaitAsync(Target target, double limit)
    {
        var watch = Stopwatch.StartNew();
        var (first, good) = (0.0, 0);
        while (good < InARow)
        {
            if (watch.Elapsed > Limit)
                throw new TimeoutException($"The server has not recovered within {Limit}.");
            if (good == 0)
                first = watch.Elapsed.TotalMilliseconds;
            var sample = await target.SendAsync();
            good = sample.Outcome == SampleOutcome.Accepted && sample.Milliseconds <= limit ? good + 1 : 0;
        }

        return first;
    }
}
