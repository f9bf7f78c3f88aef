using System.CommandLine;
using System.Text;
using Cli.Output;

namespace Cli.Bench;

/// <summary>
/// <c>bench</c>: measures throughput and latency of a model at several loads, which are numbers of callers or request rates. With two
/// endpoints, each load is measured on both in turn.
/// </summary>
internal static class BenchCommand
{
    private const string DefaultConcurrency = "1,4,16";

    private static readonly Argument<string> Model = new("model") { Description = "The model's name, on both endpoints" };
    private static readonly Option<string?> Version = new("--version") { Description = "A version's number or label" };
    private static readonly Option<string?> Concurrency = new("--concurrency")
    {
        Description = $"Closed loop: numbers of callers (default: {DefaultConcurrency}, or none with --rate)",
        HelpName = "1,4,16",
    };

    private static readonly Option<string?> Rate = new("--rate") { Description = "Open loop: requests per second", HelpName = "100,200" };
    private static readonly Option<string?> Against =
        new("--against") { Description = "A second endpoint, measured in turns with the first", HelpName = "url" };
    private static readonly Option<double> WarmUp =
        new("--warmup") { Description = "Seconds of warm-up before each load is measured", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> WindowLength = new("--window")
    {
        Description = "Seconds per window; a load ends after three windows within 10 % of their mean",
        DefaultValueFactory = _ => 2,
    };

    private static readonly Option<int> MaxWindows =
        new("--max-windows") { Description = "Windows after which a load is reported as unstable", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> Items =
        new("--items") { Description = "Items in a generated request", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Data =
        new("--data") { Description = "The body of an Open Inference request (default: a generated request)", HelpName = "json" };
    private static readonly Option<string?> Svg =
        new("--svg") { Description = "Also draw latency against throughput, as SVG", HelpName = "file" };

    public static Command Create()
    {
        var command = new Command("bench", "Measure throughput and latency of a model")
        {
            Model, Version, Concurrency, Rate, Against, WarmUp, WindowLength, MaxWindows, Items, Data, Svg,
        };
        Completion.OfferModels(Model);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (loads, times) = (ParseLoads(parsed), ReadTimes(parsed));
        if (parsed.GetValue(Svg) is { } file)
            CommandFile.ThrowIfNotWritable(file, Svg.Name);
        var targets = new List<BenchTarget>();
        try
        {
            targets.Add(await CreateTargetAsync(parsed, peer: null, cancellationToken));
            if (parsed.GetValue(Against) is { } peer)
                targets.Add(await CreateTargetAsync(parsed, peer, cancellationToken));
            var measurements = new List<Measurement>();
            foreach (var load in loads)
            {
                foreach (var target in targets)
                {
                    if (!Console.IsErrorRedirected)
                        Console.Error.WriteLine($"{target.Name}, {load} ...");
                    measurements.Add(await new LoadRun(target, load, times).RunAsync(cancellationToken));
                }
            }

            return await ReportAsync(parsed, measurements, cancellationToken);
        }
        finally
        {
            targets.ForEach(target => target.Dispose());
        }
    }

    private static async Task<int> ReportAsync(ParseResult parsed, List<Measurement> measurements, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(writer => BenchReport.WriteJson(writer, measurements));
        else
            BenchReport.WriteText(measurements);
        if (!Console.IsOutputRedirected && !parsed.GetValue(GlobalOptions.Json))
            TerminalPlot.Write(Console.Out, measurements, Terminal.Width ?? Console.WindowWidth);
        if (measurements.TrueForAll(measurement => measurement.Result.Latencies.Length == 0))
        {
            var failure = measurements.Find(measurement => measurement.Result.FirstFailure is not null)?.Result.FirstFailure;
            throw new CliException(failure is not null
                ? $"No request succeeded: {failure}."
                : "No request ended within a window. Lengthen --window.");
        }

        if (parsed.GetValue(Svg) is { } file)
        {
            var drawing = LatencyPlot.Draw(parsed.GetRequiredValue(Model), measurements);
            await OutputFile.WriteAsync(file, Encoding.UTF8.GetBytes(drawing), cancellationToken);
        }

        return ExitCode.Done;
    }

    private static List<Load> ParseLoads(ParseResult parsed)
    {
        var rates = Load.Parse(parsed.GetValue(Rate), isOpen: true, "--rate").ToList();
        var concurrency = parsed.GetValue(Concurrency) ?? (rates.Count > 0 ? null : DefaultConcurrency);
        return [.. Load.Parse(concurrency, isOpen: false, "--concurrency"), .. rates];
    }

    private static BenchTimes ReadTimes(ParseResult parsed)
    {
        var (warmUp, window, maxWindows) = (parsed.GetValue(WarmUp), parsed.GetValue(WindowLength), parsed.GetValue(MaxWindows));
        return warmUp is >= 0 and <= 3600 && window is > 0 and <= 3600 && maxWindows > 0 && parsed.GetValue(Items) > 0
            ? new BenchTimes(TimeSpan.FromSeconds(warmUp), TimeSpan.FromSeconds(window), maxWindows)
            : throw CliException.CreateUsageError(
                "--warmup must be 0 to 3600 seconds, --window more than 0 and at most 3600 seconds. --max-windows and --items must be at "
                + "least 1.");
    }

    /// <param name="peer">The value of <c>--against</c>; null for the first endpoint.</param>
    private static Task<BenchTarget> CreateTargetAsync(ParseResult parsed, string? peer, CancellationToken cancellationToken) =>
        BenchTarget.CreateAsync(
            peer is null ? GlobalOptions.Connect(parsed) : GlobalOptions.Connect(peer, Against.Name, parsed),
            parsed.GetRequiredValue(Model), parsed.GetValue(Version), parsed.GetValue(Data), parsed.GetValue(Items), cancellationToken);
}
