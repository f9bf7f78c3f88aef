using System.Net;
using System.Text.Json;
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

    private JsonElement? _status;
    private CliException? _statusError;

    /// <summary>The versions that the server lists, as <c>model/version</c>; null when the list could not be read.</summary>
    public IReadOnlySet<string>? Listed { get; private set; }

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
                    $"{server.Endpoint} is not an inference server: /health/live has status {(int)response.StatusCode}.",
                    "Set --endpoint to the root address of an inference server.");
                return false;
            }

            Add("endpoint", FindingSeverity.Ok, $"{server.Endpoint} responds in {(received - sent).TotalMilliseconds:0} ms.");
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
    /// Reads the server's status, which contains its store. Call this only after <see cref="CheckEndpointAsync"/> returned true.
    /// </summary>
    public async Task ReadStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            var status = await server.GetAsync("status", cancellationToken);
            var store = ServerResponse.Read(() => status.GetProperty("store").ToString());
            _status = status;
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
        var checks = new ModelChecks(findings, store, GetStoreName(store));
        var (models, error) = await ReadModelsAsync(cancellationToken);
        var isStoreUsable = models is { } listed
            ? ServerResponse.Read(() => ModelChecks.IsStoreUsable(listed))
            : error?.Code != "storeUnavailable";
        await CheckReadyAsync(isStoreUsable, cancellationToken);
        if (models is { } known)
        {
            ServerResponse.Read(() => checks.Run(known));
            Listed = checks.Listed;
            Available.UnionWith(checks.Available);
        }
        else
        {
            Add("models", FindingSeverity.Error, error!.Problem, error.Fix
                ?? (isStoreUsable ? "See the server's log, and run doctor again." : "Correct the setting Models__Source of the server."));
        }

        await CheckJobsAsync(cancellationToken);
        ServerResponse.Read(CheckLimits);
        if (isStoreUsable && _status is { } status)
            Add("store", FindingSeverity.Ok, $"The server reads its models from {status.GetProperty("store")}.");
    }

    /// <returns>The models, or the error of the request.</returns>
    private async Task<(JsonElement? Models, CliException? Error)> ReadModelsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var response = await server.GetAsync("models", cancellationToken);
            return (ServerResponse.Read(() => response.GetProperty("models")), null);
        }
        catch (CliException e)
        {
            return (null, e);
        }
    }

    /// <summary>Checks whether the server accepts requests.</summary>
    /// <param name="isStoreUsable">Whether the server could list its models.</param>
    private async Task CheckReadyAsync(bool isStoreUsable, CancellationToken cancellationToken)
    {
        using var response = await GetAsync("health/ready", cancellationToken);
        var reason = ReadReadyReason(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        if (!response.IsSuccessStatusCode)
        {
            Add("ready", FindingSeverity.Error, reason is null
                ? "The server is not ready: a model to preload is not loaded, its store does not respond, or the server is stopping."
                : $"The server is not ready. {reason}",
                "Find the cause in the log of the server. Then correct the model or the setting Models__Source.");
        }
        else if (reason is not null || !isStoreUsable)
        {
            Add("ready", FindingSeverity.Warning, $"The server accepts requests, but only for loaded models. {reason}".TrimEnd(),
                "Make the store readable again, or correct the setting Models__Source.");
        }
        else
        {
            Add("ready", FindingSeverity.Ok, "The server accepts requests.");
        }
    }

    /// <summary>
    /// Returns the member <c>reason</c> of a response about readiness; null when it is missing. A ready server sends a reason when its
    /// store fails.
    /// </summary>
    private static string? ReadReadyReason(byte[] body)
    {
        try
        {
            var state = JsonElement.Parse(body);
            return state.ValueKind == JsonValueKind.Object && state.TryGetProperty("reason", out var reason) ? reason.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
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
            ? "The server's clock and this machine's clock agree."
            : $"The server's clock and this machine's clock differ by {skew.TotalSeconds:0} s. "
                + "Storage refuses requests signed with a wrong time.",
            skew <= MaxSkew ? null : "Synchronize the clocks, for example with NTP.");
    }

    /// <summary>Requests a job that does not exist, so that the server must read the storage account of its jobs.</summary>
    private async Task CheckJobsAsync(CancellationToken cancellationToken)
    {
        using var response = await GetAsync("jobs/inferctl-doctor", cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var reason = ServerClient.FindReason(body) ?? "";
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            Add("jobs", FindingSeverity.Ok, "The storage account of jobs and queues responds.");
        }
        else if (ServerClient.FindCode(response) == "storageNotSet")
        {
            Add("jobs", FindingSeverity.Ok, $"Jobs are off. {reason}");
        }
        else if (response.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.ServiceUnavailable)
        {
            Add("jobs", FindingSeverity.Error, reason, "Correct the setting InferenceStorage, or start the storage that it names.");
        }
        else if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            var error = ServerClient.CreateResponseError(response, body);
            Add("jobs", FindingSeverity.Warning, $"Jobs cannot be read, so they are not checked. {error.Problem}", error.Fix);
        }
        else
        {
            Add("jobs", FindingSeverity.Error, $"A request for a job returned {(int)response.StatusCode}. {reason}".TrimEnd(),
                "See the server's log.");
        }
    }

    private void CheckLimits()
    {
        if (_status is not { } status)
        {
            Add("limits", FindingSeverity.Warning, $"Memory and slots are not known. {_statusError?.Problem}",
                _statusError?.Fix ?? "See the server's log.");
            return;
        }

        var (used, limit) = (ReadNumber(status, "memory", "models"), ReadNumber(status, "memory", "limit"));
        Add("memory", used < limit * 9 / 10 ? FindingSeverity.Ok : FindingSeverity.Warning, used < limit * 9 / 10
            ? $"Models use {Sizes.Format(used)} of {Sizes.Format(limit)}."
            : $"Models use {Sizes.Format(used)} of {Sizes.Format(limit)}. The next load may unload another model.",
            used < limit * 9 / 10 ? null : "Raise Models__MemoryBudget, or serve fewer models.");
        var (slots, busy) = (ReadNumber(status, "compute", "slots"), ReadNumber(status, "compute", "used"));
        Add("compute", FindingSeverity.Ok, $"{busy} of {Counted.Text(slots, "slot")} {(busy == 1 ? "is" : "are")} in use.");
        var waiting = status.GetProperty("models").EnumerateArray().Sum(model => model.GetProperty("waiting").GetInt64());
        if (waiting > slots)
        {
            Add(
                "queue", FindingSeverity.Warning, $"{Counted.Text(waiting, "request")} in the queue for {Counted.Text(slots, "slot")}.",
                "Add server instances or CPU cores.");
        }
    }

    /// <summary>Returns the address of the store, for advice; the name of the server's setting when the address is unknown.</summary>
    private string GetStoreName(StoreContent? store) => store is { Files: var files } ? $"{files}"
        : _status is { } status ? status.GetProperty("store").ToString()
        : "Models__Source";

    private static long ReadNumber(JsonElement status, string group, string name) => status.GetProperty(group).GetProperty(name).GetInt64();

    private void Add(string check, FindingSeverity severity, string message, string? fix = null) =>
        findings.Add(new DoctorFinding(check, severity, message, fix));
}
