using System.Diagnostics;
using System.Globalization;
using System.Text;
using Functions.Worker.TestHost;

namespace StartupHost;

/// <summary>A published folder and its measured starts.</summary>
internal sealed class MeasuredApp
{
    private static readonly string Body = $"{{\"features\":[{string.Join(',', Enumerable.Repeat("0,0,5,13,9,1,0,0", 8))}]}}";

    private readonly string _path;
    private readonly FunctionsHostOptions _options;

    public MeasuredApp(string folder)
    {
        var isPlaceholder = !File.Exists(Path.Combine(folder, "worker.config.json"));
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        _path = isPlaceholder ? Path.Combine(folder, "app") : folder;
        _options = new FunctionsHostOptions { StartsAsPlaceholder = isPlaceholder };
    }

    public string Name { get; }

    public List<MeasuredStart> Starts { get; } = [];

    /// <summary>Starts the worker, sends one prediction, and ends the worker.</summary>
    public async Task<MeasuredStart> StartAsync()
    {
        await using var host = await FunctionsHostDouble.StartAsync(_path, _options);
        var sent = Stopwatch.GetTimestamp();
        using var body = new StringContent(Body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(new Uri("/models/digits/predict", UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
        var prediction = host.Times.FunctionsLoaded + Stopwatch.GetElapsedTime(sent);
        return new MeasuredStart(host.Times.StreamStarted, host.Times.FunctionsLoaded, prediction, host.WorkerProcessorTime);
    }

    /// <summary>The median, the fastest and the slowest of a stage, in milliseconds.</summary>
    public string Summarize(Func<MeasuredStart, TimeSpan> stage)
    {
        var times = Starts.Select(start => stage(start).TotalMilliseconds).Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:0} ms ({times[0]:0}, {times[^1]:0})");
    }
}
