using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Functions.Hosting.Telemetry.Prometheus;

namespace Functions.Tests.Telemetry;

/// <summary>
/// Tests the metrics behind GET /metrics without a server: a measurement must reach the right series, whichever objects its labels are.
/// </summary>
public sealed class MetricRegistryTests : IDisposable
{
    private readonly Meter _meter = new($"{Guid.NewGuid():N}");
    private readonly MetricRegistry _sut;

    public MetricRegistryTests() => _sut = new MetricRegistry([_meter.Name]);

    public void Dispose()
    {
        _sut.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Record_EqualLabelsOfOtherObjects_AddToOneSeries()
    {
        var counter = _meter.CreateCounter<long>("c");

        for (var i = 0; i < 3; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("model", "iris"), new("version", "1"));
            counter.Add(10, new(Copy("model"), Copy("iris")), new KeyValuePair<string, object?>(Copy("version"), Copy("1")));
        }

        Assert.Equal(["c_total{model=\"iris\",version=\"1\"} 33"], Samples());
    }

    /// <summary>The values are the same objects, so only their order and names distinguish the series.</summary>
    [Fact]
    public void Record_SameValuesInOtherPlacesOrUnderOtherNames_AreOtherSeries()
    {
        var counter = _meter.CreateCounter<long>("c");
        KeyValuePair<string, object?>[][] labels =
        [
            [],
            [new("a", "x")],
            [new("b", "x")],
            [new("a", "x"), new("b", "y")],
            [new("a", "y"), new("b", "x")],
            [new("b", "y"), new("a", "x")],
            [new("a", "x"), new("b", "x")],
            [new("a", "x"), new("b", null)],
        ];

        for (var i = 0; i < 3; i++)
        {
            foreach (var one in labels)
                counter.Add(1, one);
        }

        Assert.Equal(
            ["c_total 3", "c_total{a=\"x\",b=\"\"} 3", "c_total{a=\"x\",b=\"x\"} 3", "c_total{a=\"x\",b=\"y\"} 3", "c_total{a=\"x\"} 3",
             "c_total{a=\"y\",b=\"x\"} 3", "c_total{b=\"x\"} 3", "c_total{b=\"y\",a=\"x\"} 3"],
            Samples());
    }

    [Fact]
    public void Record_ManyThreadsMeasureFirst_NothingIsLost()
    {
        const int Threads = 4;
        const int Models = 50;
        const int Each = 20;
        var (counter, histogram) = (_meter.CreateCounter<long>("c"),
            _meter.CreateHistogram("h", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] }));
        using var together = new Barrier(Threads);
        // Half of the threads use shared label objects, and the others use their own.
        string[] shared = [.. Enumerable.Range(0, Models).Select(Name)];
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            string[] names = thread % 2 == 0 ? shared : [.. Enumerable.Range(0, Models).Select(Name)];
            foreach (var name in names)
            {
                together.SignalAndWait();
                for (var i = 0; i < Each; i++)
                {
                    counter.Add(1, new KeyValuePair<string, object?>("model", name));
                    histogram.Record(i % 2, new KeyValuePair<string, object?>("model", name));
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var samples = Samples();

        const int All = Threads * Each;
        Assert.Equal(Models * 5, samples.Length);
        Assert.All(shared, name => Assert.Contains($"c_total{{model=\"{name}\"}} {All}", samples));
        Assert.All(shared, name => Assert.Contains($"h_count{{model=\"{name}\"}} {All}", samples));
        Assert.All(shared, name => Assert.Contains($"h_sum{{model=\"{name}\"}} {All / 2}", samples));
    }

    [Fact]
    public void Record_MoreSeriesThanTheLimit_SumsTheRestAndKeepsTheOld()
    {
        const int Taken = 2000;
        var counter = _meter.CreateCounter<long>("c");
        string[] names = [.. Enumerable.Range(0, Taken + 7).Select(Name)];

        for (var i = 0; i < 2; i++)
        {
            foreach (var name in names)
                counter.Add(1, new KeyValuePair<string, object?>("model", name));
        }

        var samples = Samples();
        Assert.All(names[..Taken], name => Assert.Contains($"c_total{{model=\"{name}\"}} 2", samples));
        Assert.Contains("c_total{otel_metric_overflow=\"true\"} 14", samples);
        Assert.Equal(Taken + 1, samples.Length);
    }

    [Fact]
    public void Read_ObservedValuesChange_ReturnsOnlyExistingSeries()
    {
        var models = new Dictionary<string, long> { ["a"] = 5, ["b"] = 6 };
        _meter.CreateObservableUpDownCounter("o", () =>
            models.Select(model => new Measurement<long>(model.Value, new KeyValuePair<string, object?>("model", model.Key))));
        Assert.Equal(["o{model=\"a\"} 5", "o{model=\"b\"} 6"], Samples());

        models.Remove("a");
        models["b"] = 2;
        Assert.Equal(["o{model=\"b\"} 2"], Samples());
        models["a"] = 1;
        Assert.Equal(["o{model=\"a\"} 1", "o{model=\"b\"} 2"], Samples());
    }

    /// <summary>Each read observes other models. Together they are more than the maximum of one read.</summary>
    [Fact]
    public void Read_ManyObservedSeriesOverTime_DoNotOverflow()
    {
        const int EachRead = 1500;
        var first = 0;
        _meter.CreateObservableUpDownCounter("o", () => Enumerable.Range(first, EachRead)
            .Select(model => new Measurement<long>(1, new KeyValuePair<string, object?>("model", Name(model)))));

        for (; first < 3 * EachRead; first += EachRead)
        {
            var samples = Samples();
            Assert.Equal(EachRead, samples.Length);
            Assert.Contains($"o{{model=\"{Name(first)}\"}} 1", samples);
        }
    }

    [Fact]
    public void Record_Histogram_CountsUpToItsBoundsAndSums()
    {
        var histogram = _meter.CreateHistogram("h", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });

        foreach (var value in (double[])[0, 0.5, 0.75, 1, 4])
            histogram.Record(value);

        Assert.Equal(
            ["h_seconds_bucket{le=\"+Inf\"} 5", "h_seconds_bucket{le=\"0.5\"} 2", "h_seconds_bucket{le=\"1\"} 4", "h_seconds_count 5",
                "h_seconds_sum 6.25"],
            Samples());
    }

    private static string Name(int number) => number.ToString("D4", CultureInfo.InvariantCulture);

    private static string Copy(string text) => new(text.AsSpan());

    /// <summary>Returns the lines of a scrape without its comments.</summary>
    private string[] Samples()
    {
        var output = new ArrayBufferWriter<byte>();
        _sut.Read(families => MetricsText.Write(output, families));
        return [.. Encoding.UTF8.GetString(output.WrittenSpan)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')).Order(StringComparer.Ordinal)];
    }
}
