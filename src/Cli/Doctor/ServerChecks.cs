using System.Globalization;
using System.Net;
using System.Text.Json;
using Cli.Models;
using Cli.Output;
using Cli.Server;
using Inference;

namespace Cli.Doctor;

/// <summary>Checks a server by its responses: clock, readiness, models, jobs and limits.</summary>
/// <param name="findings">Receives the findings.</param>
internal sealed class ServerChecks(ServerClient server, List<DoctorFinding> findings)
{
    /// <summary>
    /// The maximum difference between the clocks of the server and this machine. A larger difference can invalidate tokens and the
    /// signatures of storage requests.
    /// </summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _served = new(StringComparer.Ordinal);
    private JsonElement? _status;
    private CliException? _statusError;
    private StoreContent? _store;

    /// <summary>The versions that the server lists, as <c>model/version</c>; null when the list could not be read.</summary>
    public IReadOnlySet<string>? Served { get; private set; }

    /// <summary>The listed versions that the server has not loaded yet.</summary>
    public HashSet<string> Available { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// The models folder of the server; null when the folder is not on this machine, or when the server's status could not be read.
    /// </summary>
    public string? LocalStore { get; private set; }

    /// <summary>Checks that the server responds, and that its clock agrees with this machine's clock.</summary>
    /// <returns>False when the server cannot be reached, or does not respond like an inference server.</returns>
    public async Task<bool> CheckEndpointAsync(CancellationToken cancellationToken)
    {
        try
        {
            var sent = TimeProvider.System.GetUtcNow();
            using var response = await GetAsync("health/live", cancellationToken);
            var received = TimeProvider.System.GetUtcNow();
            if (!response.IsSuccessStatusCode)
            {
                Add("endpoint", FindingSeverity.Error,
                    $"{server.Endpoint} answers {(int)response.StatusCode} to /health/live, as no inference server does.",
                    "Name the root of one with --endpoint.");
                return false;
            }

            Add("endpoint", FindingSeverity.Ok, $"{server.Endpoint} answers in {(received - sent).TotalMilliseconds:0} ms.");
            CheckClock(response.Headers.Date, sent, received);
            return true;
        }
        catch (CliException e)
        {
            Add("endpoint", FindingSeverity.Error, e.Problem, e.Fix);
            return false;
        }
    }

    /// <summary>
    /// Reads the server's status, which names its store. Call this only after <see cref="CheckEndpointAsync"/> returned true.
    /// </summary>
    public async Task ReadStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            _status = await server.GetAsync("status", cancellationToken);
            var store = _status.Value.GetProperty("store").ToString();
            if (server.Endpoint.IsLoopback && Directory.Exists(store))
                LocalStore = store;
        }
        catch (CliException e)
        {
            _statusError = e;
        }
    }

    /// <summary>Checks readiness, models, jobs and limits. Call this only after <see cref="ReadStatusAsync"/>.</summary>
    /// <param name="store">The store of the server, for advice; null when the store is not known.</param>
    public async Task RunAsync(StoreContent? store, CancellationToken cancellationToken)
    {
        _store = store;
        using (var ready = await GetAsync("health/ready", cancellationToken))
        {
            Add("ready", ready.IsSuccessStatusCode ? FindingSeverity.Ok : FindingSeverity.Error, ready.IsSuccessStatusCode
                ? "It takes requests."
                : "It is not ready: models that are to be preloaded are not, its store does not answer, or it is stopping.",
                ready.IsSuccessStatusCode ? null : "Its log says which: correct that model or the setting Models__Source.");
        }

        await CheckModelsAsync(cancellationToken);
        await CheckJobsAsync(cancellationToken);
        CheckLimits();
    }

    private Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellationToken) =>
        server.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    private void CheckClock(DateTimeOffset? date, DateTimeOffset sent, DateTimeOffset received)
    {
        if (date is null)
            return;
        // The server wrote the Date header between the two local times, and cut off the fraction of the second.
        var skew = date < sent - TimeSpan.FromSeconds(1) ? sent - date.Value : date > received ? date.Value - received : TimeSpan.Zero;
        Add("clock", skew <= MaxSkew ? FindingSeverity.Ok : FindingSeverity.Error, skew <= MaxSkew
            ? "The server's clock and this one agree."
            : $"The server's clock is {skew.TotalSeconds:0} s from this one, and storage refuses requests signed with a wrong time.",
            skew <= MaxSkew ? null : "Set the wrong clock by NTP.");
    }

    private async Task CheckModelsAsync(CancellationToken cancellationToken)
    {
        JsonElement models;
        try
        {
            models = (await server.GetAsync("models", cancellationToken)).GetProperty("models");
        }
        catch (CliException e)
        {
            Add("models", FindingSeverity.Error, e.Problem, e.Fix ?? "Correct the setting Models__Source of the server.");
            return;
        }

        Served = _served;
        if (models.GetArrayLength() == 0)
        {
            Add("models", FindingSeverity.Error, "There are none.",
                $"Put one at <root>/<model>/1/model.onnx of {StoreName}, or use "
                + $"{_store?.PushCommand ?? "inferctl models push <source> <name> --store <root>"}.");
        }
        else
        {
            Add("models", FindingSeverity.Ok, Count(models));
        }

        foreach (var model in models.EnumerateArray())
        {
            foreach (var version in model.GetProperty("versions").EnumerateArray())
                CheckVersion(model.GetProperty("name").ToString(), version);
            if (model.TryGetProperty("reason", out var reason))
                Add(model.GetProperty("name").ToString(), FindingSeverity.Error, $"{reason}", $"Correct or remove it in {StoreName}.");
            foreach (var warning in ModelWarning.ReadAll(model))
                findings.Add(DoctorFinding.ForSettings(model.GetProperty("name").ToString(), FindingSeverity.Warning, warning));
        }
    }

    private void CheckVersion(string model, JsonElement version)
    {
        var number = version.GetProperty("version");
        var id = $"{model}/{number}";
        _served.Add(id);
        var state = version.GetProperty("state").ToString();
        if (state == "available")
            Available.Add(id);
        var reason = version.TryGetProperty("reason", out var text) ? text.ToString() : null;
        var (severity, fix) = (state, reason) switch
        {
            ("failed", _) => (FindingSeverity.Error, $"Correct the problem. To remove this version: {DescribeRemoval(model, number)}"),
            (_, null) or ("notServed", _) => (FindingSeverity.Ok, null),
            _ => (FindingSeverity.Warning, "If the reason names a problem, correct it. Until then the version stays as it was."),
        };
        Add(id, severity, Describe(state, reason), fix);
        if (version.TryGetProperty("batching", out var batching) && BatchingText.Describe(batching) is { } sharing)
            Add($"{id} batching", FindingSeverity.Ok, sharing);
    }

    /// <summary>Describes the state of a version. A reason is a whole sentence.</summary>
    private static string Describe(string state, string? reason) => (state, reason) switch
    {
        ("failed", _) => reason ?? "It cannot be used.",
        ("notServed", _) => $"It is not served. {reason}".TrimEnd(),
        _ => $"It is {state}. {reason}".TrimEnd(),
    };

    /// <summary>Requests a job that does not exist. The server must read its storage account to look for the job.</summary>
    private async Task CheckJobsAsync(CancellationToken cancellationToken)
    {
        using var response = await GetAsync("jobs/inferctl-doctor", cancellationToken);
        var reason = ServerClient.Reason(await response.Content.ReadAsByteArrayAsync(cancellationToken)) ?? "";
        if (response.StatusCode == HttpStatusCode.NotFound)
            Add("jobs", FindingSeverity.Ok, "The storage account of jobs and queues answers.");
        else if (response.Headers.TryGetValues("Inference-Error-Code", out var codes) && codes.Contains("storageNotSet"))
            Add("jobs", FindingSeverity.Ok, $"There are none. {reason}");
        else if (response.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.ServiceUnavailable)
            Add("jobs", FindingSeverity.Error, reason, "Correct the setting InferenceStorage, or start the storage that it names.");
        else if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
            Add("jobs", FindingSeverity.Error, $"They answer {(int)response.StatusCode}. {reason}".TrimEnd(), "See the server's log.");
    }

    private void CheckLimits()
    {
        if (_status is not { } status)
        {
            Add("limits", FindingSeverity.Warning, $"Memory and slots are not known. {_statusError?.Problem}",
                _statusError?.Fix ?? "See the server's log.");
            return;
        }

        var (used, limit) = (Number(status, "memory", "models"), Number(status, "memory", "limit"));
        Add("memory", used < limit * 9 / 10 ? FindingSeverity.Ok : FindingSeverity.Warning, used < limit * 9 / 10
            ? $"Models have {Sizes.Text(used)} of {Sizes.Text(limit)}."
            : $"Models have {Sizes.Text(used)} of {Sizes.Text(limit)}: the next one unloads another.",
            used < limit * 9 / 10 ? null : "Raise Models__MemoryBudget, or serve fewer here.");
        var (slots, taken) = (Number(status, "compute", "slots"), Number(status, "compute", "used"));
        Add("compute", FindingSeverity.Ok, $"{taken} of {Counted.Text(slots, "slot")} {(taken == 1 ? "is" : "are")} taken.");
        var waiting = status.GetProperty("models").EnumerateArray().Sum(model => model.GetProperty("waiting").GetInt64());
        if (waiting > slots)
        {
            Add(
                "queue", FindingSeverity.Warning, $"{Counted.Text(waiting, "request")} in the queue for {Counted.Text(slots, "slot")}.",
                "Add instances, or processors.");
        }

        Add("store", FindingSeverity.Ok, $"It serves from {status.GetProperty("store")}.");
    }

    private string DescribeRemoval(string model, JsonElement version) =>
        _store is not null && long.TryParse(version.ToString(), CultureInfo.InvariantCulture, out var number)
            ? _store.DescribeRemoval(model, number)
            : $"delete the files of {model} in {StoreName}";

    /// <summary>The name of the store in advice: its address, or the name of the server's setting when the address is not known.</summary>
    private string StoreName => _store is { Files: var files } ? $"{files}"
        : _status is { } status ? status.GetProperty("store").ToString()
        : "Models__Source";

    private static long Number(JsonElement status, string group, string name) => status.GetProperty(group).GetProperty(name).GetInt64();

    /// <summary>Describes the listed models, as in "2 models with 3 versions: 1 available, 2 ready."</summary>
    private static string Count(JsonElement models)
    {
        List<string> states = [.. models.EnumerateArray().SelectMany(model => model.GetProperty("versions").EnumerateArray())
            .Select(version => version.GetProperty("state").ToString())];
        var counts = states.GroupBy(state => state).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        var empty = models.EnumerateArray().Count(model => model.GetProperty("versions").GetArrayLength() == 0);
        return $"{Counted.Text(models.GetArrayLength(), "model")} with {Counted.Text(states.Count, "version")}"
            + $"{(states.Count > 0 ? ": " : "")}{string.Join(", ", counts)}."
            + (empty == 0 ? "" : $" {Counted.Text(empty, "model")} without a version that can be served.");
    }

    private void Add(string check, FindingSeverity severity, string message, string? fix = null) =>
        findings.Add(new DoctorFinding(check, severity, message, fix));
}
