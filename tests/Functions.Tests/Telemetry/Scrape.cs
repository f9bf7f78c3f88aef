using System.Globalization;
using System.Text.RegularExpressions;

namespace Functions.Tests.Telemetry;

/// <summary>A response of GET /metrics.</summary>
internal sealed partial class Scrape
{
    private readonly Dictionary<string, double> _samples = [];

    public Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Type().Match(line) is { Success: true } type)
            {
                Types.Add(type.Groups[1].Value, type.Groups[2].Value);
            }
            else if (!line.StartsWith('#'))
            {
                _samples.Add(
                    line[..line.LastIndexOf(' ')], double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
            }
        }
    }

    public string Text { get; }

    /// <summary>The types of the metrics, by name.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>The value of a sample with this name and these labels; 0 when there is none.</summary>
    public double this[string sample] => _samples.GetValueOrDefault(sample);

    public static async Task<Scrape> ReadAsync(FunctionsProcess process)
    {
        using var response = await process.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", $"{response.Content.Headers.ContentType}");
        return new Scrape(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Scrapes until the samples are as expected.</summary>
    public static async Task<Scrape> UntilAsync(FunctionsProcess process, Func<Scrape, bool> expected)
    {
        Scrape? scrape = null;
        await process.WaitUntilAsync(async () => expected(scrape = await ReadAsync(process)));
        return scrape!;
    }

    public double Sum(string series) =>
        _samples.Where(sample => sample.Key.StartsWith(series + "{", StringComparison.Ordinal)).Sum(sample => sample.Value);

    [GeneratedRegex("^# TYPE (\\S+) (\\S+)$")]
    private static partial Regex Type();
}
