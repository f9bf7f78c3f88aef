/// <summary>The latencies of <paramref name="Count"/> requests in milliseconds; zeros when there were no requests.</summary>
internal sealed record Latencies(int Count, double P50, double P99)
{
    public static Latencies Of(IEnumerable<Sample> samples, SampleOutcome outcome)
    {
        var times = samples.Where(sample => sample.Outcome == outcome).Select(sample => sample.Milliseconds).Order().ToArray();
        return times.Length == 0 ? new(0, 0, 0) : new(times.Length, times[times.Length / 2], times[(int)(times.Length * 0.99)]);
    }
}
