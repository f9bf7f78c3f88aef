namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>The value of one set of labels. Any thread adds to it; nothing is lost.</summary>
/// <param name="labels">As they are written: <c>model="iris",code="ok"</c>; empty without any.</param>
/// <param name="bounds">The upper bounds of a histogram's buckets, ascending; empty for anything else.</param>
internal sealed class MetricSeries(string labels, double[] bounds)
{
    private readonly long[] _buckets = bounds.Length == 0 ? [] : new long[bounds.Length + 1];
    private double _value;

    public string Labels => labels;

    /// <summary>Of a histogram, the sum of what it was told.</summary>
    public double Value => Volatile.Read(ref _value);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            // By bits: a NaN equals nothing, and would be tried for ever.
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen))
                return;
            seen = before;
        }
    }

    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets[bucket]);
        // Those that ran at once waited for nothing.
        if (value != 0)
            Add(value);
    }

    /// <summary>How many values each bucket and all below it have; the last is the number of all.</summary>
    public long[] Cumulate()
    {
        var counts = new long[_buckets.Length];
        var sum = 0L;
        for (var i = 0; i < counts.Length; i++)
            counts[i] = sum += Interlocked.Read(ref _buckets[i]);
        return counts;
    }
}
