using System.Diagnostics;

internal static class Recovery
{
    /// <summary>One good answer may be luck.</summary>
    private const int InARow = 5;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <returns>Milliseconds until the first of some answers in a row within <paramref name="limit"/> milliseconds.</returns>
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
            var sample = await target.AskAsync();
            good = sample.Outcome == SampleOutcome.Accepted && sample.Milliseconds <= limit ? good + 1 : 0;
        }

        return first;
    }
}
