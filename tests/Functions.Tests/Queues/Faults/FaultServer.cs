using System.Text.RegularExpressions;
using Inference.Testing;

namespace Functions.Tests.Queues.Faults;

/// <summary>A server that is killed and restarted. Two gates between the server and the storage can fail.</summary>
internal sealed partial class FaultServer : IAsyncDisposable
{
    private readonly PredictionScenario _scenario;
    private readonly (string Name, string Value)[] _settings;
    private FunctionsProcess? _process;

    public FaultServer(PredictionScenario scenario)
    {
        _scenario = scenario;
        Blobs = new StorageGate(PortOf("Blob"));
        Queues = new StorageGate(PortOf("Queue"));
        _settings =
        [
            ("AzureWebJobsStorage", Endpoint().Replace(scenario.ConnectionString, match =>
                $"{match.Groups[1].Value}{(match.Groups[2].Value == "Blob" ? Blobs : Queues).Port}/")),
        ];
    }

    public StorageGate Blobs { get; }

    public StorageGate Queues { get; }

    public FunctionsProcess Process => _process!;

    public async Task StartAsync() => _process = await _scenario.StartAsync(_settings);

    /// <summary>Ends the process, which may already be killed, and starts a new one.</summary>
    public async Task RestartAsync()
    {
        await Process.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Kills the process at a moment of its work on the next message, and starts a new process.</summary>
    public async Task KillAsync(KillMoment moment)
    {
        if (moment == KillMoment.DuringStart)
        {
            Process.Kill();
            await Process.DisposeAsync();
            await FunctionsProcess.StartAndKillAsync(TimeSpan.FromMilliseconds(400), _scenario.WithSettings(_settings));
            await StartAsync();
            return;
        }

        await TrapAsync(moment).WaitAsync(WaitLimit.Step);
        await RestartAsync();
    }

    /// <summary>Suspends the process as soon as it has leased messages.</summary>
    public Task FreezeAsync() => Queues.TrapAsync(IsReceive, onAnswer: true, Process.Suspend).WaitAsync(WaitLimit.Step);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        await Blobs.DisposeAsync();
        await Queues.DisposeAsync();
    }

    private Task TrapAsync(KillMoment moment)
    {
        var (results, container) = ($"/{_scenario.Results.Name}/messages", $"/{_scenario.Container.Name}/");
        return moment switch
        {
            KillMoment.AfterTheLease => Queues.TrapAsync(IsReceive, onAnswer: true, Process.Kill),
            KillMoment.AfterTheResult => Blobs.TrapAsync(
                head => head.StartsWith("PUT ", StringComparison.Ordinal)
                    && head.Contains(container, StringComparison.Ordinal)
                    && !head.Contains($"{container}jobs/", StringComparison.Ordinal),
                onAnswer: true,
                Process.Kill),
            KillMoment.BeforeTheMessage => Queues.TrapAsync(
                head => head.StartsWith("POST ", StringComparison.Ordinal) && head.Contains(results, StringComparison.Ordinal),
                onAnswer: false,
                Process.Kill),
            KillMoment.BeforeTheDelete => Queues.TrapAsync(
                head => head.StartsWith("DELETE ", StringComparison.Ordinal), onAnswer: false, Process.Kill),
            _ => throw new ArgumentOutOfRangeException(nameof(moment)),
        };
    }

    private static bool IsReceive(string head) =>
        head.StartsWith("GET ", StringComparison.Ordinal) && head.Contains("visibilitytimeout=", StringComparison.Ordinal);

    private int PortOf(string service) => int.Parse(
        Endpoint().Matches(_scenario.ConnectionString).Single(match => match.Groups[2].Value == service).Groups[3].ValueSpan,
        System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("((Blob|Queue)Endpoint=http://127.0.0.1:)([0-9]+)/")]
    private static partial Regex Endpoint();
}
