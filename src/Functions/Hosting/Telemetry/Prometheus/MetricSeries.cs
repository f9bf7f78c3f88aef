namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>The value of one set of labels. Threads can update the value concurrently; no update is lost.</summary>
/// <param name="labels">The labels as text: <c>model="iris",code="ok"</c>; empty without labels.</param>
/// <param name="bounds">The upper bounds of a histogram's buckets, ascending; empty for other metrics.</param>
internal sealed class MetricSeries(string labels, double[] bounds)
{
    /// <summary>
    /// The bits of the value, followed by the counts of a histogram's buckets. A measurement of a histogram changes two of these numbers,
    /// and one array keeps both in few cache lines.
    /// </summary>
    private readonly long[] _cells = new long[bounds.Length == 0 ? 1 : bounds.Length + 2];

    /// <summary>The labels as text.</summary>
    public string Labels => labels;

    /// <summary>The value; for a histogram, the sum of the recorded values.</summary>
    public double Value => BitConverter.Int64BitsToDouble(Volatile.Read(ref _cells[0]));

    /// <summary>Replaces the value, for an observable instrument.</summary>
    public void Set(double value) => Volatile.Write(ref _cells[0], BitConverter.DoubleToInt64Bits(value));

    /// <summary>Adds an amount to the value.</summary>
    public void Add(double value)
    {
        ref var bits = ref _cells[0];
        var expected = Volatile.Read(ref bits);
        while (true)
        {
            var sum = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(expected) + value);
            var actual = Interlocked.CompareExchange(ref bits, sum, expected);
            if (actual == expected)
                return;
            expected = actual;
        }
    }

    /// <summary>Counts a value in its bucket of a histogram, and adds the value to the sum.</summary>
    public void RecordInBucket(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _cells[bucket + 1]);
        // Adding zero would change nothing. Many recorded values are zero, such as the queue time of a request that ran at once.
        if (value != 0)
            Add(value);
    }

    /// <summary>
    /// Returns the number of values in each bucket and all lower buckets. For buckets with 3, 2 and 1 values, returns [3, 5, 6].
    /// </summary>
    public long[] GetCumulativeCounts()
    {
        var counts = new long[_cells.Length - 1];
        var sum = 0L;
        for (var i = 0; i < counts.Length; i++)
            counts[i] = sum += Interlocked.Read(ref _cells[i + 1]);
        return counts;
    }
}
