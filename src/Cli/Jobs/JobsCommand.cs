using System.CommandLine;
using System.Text.Json;
using Cli.Output;
using Cli.Predict;
using Cli.Server;
using Inference;
using Inference.Models;

namespace Cli.Jobs;

/// <summary><c>jobs</c>: submits predictions to the server's queue, and lists, watches and cancels these jobs.</summary>
internal static class JobsCommand
{
    /// <summary>
    /// The interval between two requests for a job's state, which is also the value of Retry-After in the server's responses.
    /// </summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>The maximum number of jobs in one response of the server.</summary>
    private const int MaxPageSize = 100;

    private static readonly Argument<string> Model = new("model") { Description = "The model's name" };
    private static readonly Argument<string> Id = new("id") { Description = "The job's id" };
    private static readonly Option<string?> Version = new("--version") { Description = "A version's number or label" };
    private static readonly Option<string?> NewId =
        new("--id") { Description = "The job's id. A second submit of the same request with this id returns the same job" };
    private static readonly Option<int> Limit =
        new("--limit") { Description = "The maximum number of jobs", DefaultValueFactory = _ => 25 };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Wait for the result" };

    public static Command Create()
    {
        var list = new Command("list", "List the most recently changed jobs; needs the admin key") { Limit };
        list.SetAction(ListAsync);
        var submit = new Command("submit", "Submit a prediction as a job") { Model, Version, NewId, Watch };
        InputOptions.AddTo(submit);
        Completion.OfferModels(Model);
        submit.SetAction(SubmitAsync);
        var watch = new Command("watch", "Wait until a job has finished") { Id };
        watch.SetAction((parsed, token) => RunAsync(parsed, server => WatchAsync(server, parsed.GetRequiredValue(Id), token)));
        var get = new Command("get", "Show a job's state and result") { Id };
        get.SetAction((parsed, token) => RunAsync(parsed, server => server.GetAsync(Route(parsed.GetRequiredValue(Id)), token)));
        var cancel = new Command("cancel", "Cancel a job; a finished one stays unchanged") { Id };
        cancel.SetAction((parsed, token) => RunAsync(
            parsed, server => server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, Route(parsed.GetRequiredValue(Id))), token),
            acceptsAnyEnd: true));
        return new Command("jobs", "Run predictions from a queue, and get their results later") { list, submit, watch, get, cancel };
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var limit = parsed.GetValue(Limit);
        if (limit < 1)
            throw CliException.CreateUsageError("--limit must be at least 1.");
        using var server = GlobalOptions.Connect(parsed);
        var jobs = new List<JsonElement>();
        string? continuation = null;
        do
        {
            var query = continuation is null ? "" : $"&continuation={Uri.EscapeDataString(continuation)}";
            var page = await server.GetAsync($"jobs?limit={Math.Min(limit - jobs.Count, MaxPageSize)}{query}", cancellationToken);
            jobs.AddRange(ServerResponse.Read(() => page.GetProperty("jobs").EnumerateArray().ToList()));
            continuation = ServerResponse.Read(() => page.TryGetProperty("continuation", out var next) ? next.GetString() : null);
        }
        while (continuation is not null && jobs.Count < limit);
        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(writer => JobReport.WriteList(writer, jobs));
        else
            ServerResponse.Read(() => JobReport.WriteList(jobs, hasMore: continuation is not null));
        return ExitCode.Done;
    }

    private static async Task<int> SubmitAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(NewId);
        if (id is not null && !PredictionId.TryParse(id, out _))
            throw CliException.CreateUsageError($"\"{Quote.Shorten(id)}\" is not the id of a job: an id is {PredictionId.Rule}.");
        var input = await InputOptions.ReadAsync(parsed, cancellationToken);
        return await RunAsync(parsed, async server =>
        {
            var model = new ModelInfo(server, parsed.GetRequiredValue(Model), parsed.GetValue(Version));
            input = await input.ForModelAsync(model, cancellationToken);
            var table = await CsvTable.FindAsync(input, model, cancellationToken);
            var body = table?.Encode(table.Rows) ?? input.ToSingleBody();
            var request = new HttpRequestMessage(HttpMethod.Post, $"{model.Route}/jobs") { Content = ServerClient.JsonContent(body) };
            // A proxy may send the request twice. Both requests then have the same key, and create only one job.
            request.Headers.Add("Idempotency-Key", id ?? Guid.NewGuid().ToString("N"));
            var job = await server.SendAsync(request, cancellationToken);
            return parsed.GetValue(Watch) ? await WatchAsync(server, GetText(job, "id"), cancellationToken) : job;
        });
    }

    /// <summary>Makes a request to the server, and prints the job in the response. The exit code shows whether the job failed.</summary>
    /// <param name="acceptsAnyEnd">
    /// Whether every final state of the job is a success, as for <c>cancel</c>. When false, a job that ended as "failed" or "cancelled"
    /// makes the command fail.
    /// </param>
    private static async Task<int> RunAsync(
        ParseResult parsed, Func<ServerClient, Task<JsonElement>> call, bool acceptsAnyEnd = false)
    {
        using var server = GlobalOptions.Connect(parsed);
        var job = await call(server);
        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(job);
        else
            ServerResponse.Read(() => JobReport.Write(job));
        var status = GetText(job, "status");
        return acceptsAnyEnd || IsPending(status) || status == "succeeded" ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<JsonElement> WatchAsync(ServerClient server, string id, CancellationToken cancellationToken)
    {
        var shownState = "";
        while (true)
        {
            var job = await server.GetAsync(Route(id), cancellationToken);
            var status = GetText(job, "status");
            var state = ServerResponse.Read(() => JobReport.FindRetry(job)) is { } retry ? $"{status}, {retry}" : status;
            if (state != shownState)
                Console.Error.WriteLine($"{id}: {shownState = state}");
            if (!IsPending(status))
                return job;
            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
        }
    }

    private static string GetText(JsonElement job, string name) => ServerResponse.Read(() => job.GetProperty(name).ToString());

    private static bool IsPending(string status) => status is "queued" or "running";

    private static string Route(string id) => $"jobs/{Uri.EscapeDataString(id)}";
}
