using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Cli.Tests;

/// <summary>
/// Lists jobs of a fake server, page by page, and ends jobs in each state. BlobStoreTests runs the job commands on a real server.
/// </summary>
public sealed partial class JobsTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly List<string> _asked = [];
    private readonly HttpDouble _server;

    public JobsTests() => _server = new HttpDouble(Answer);

    [Fact]
    public async Task List_SeveralPages_AreOneTableWithAges()
    {
        var table = await CliProcess.RunSuccessfullyAsync("jobs", "list", "--limit", "101", "--endpoint", _server.Address);

        Assert.Matches("^id +model +status +created +error\n", table);
        Assert.Matches("\norder-0 +iris/1 +succeeded +2\\d min ago\n", table);
        Assert.Matches("\norder-1 +iris +failed +2 h ago +modelUnavailable: It does not load\\.\n", table);
        Assert.Matches("\norder-2 +iris +running +2020-01-0[123] \\d\\d:\\d\\d\n$", table);
        Assert.Equal(["/jobs?limit=100", "/jobs?limit=99&continuation=a%2Fb%3D"], _asked);
    }

    [Fact]
    public async Task List_Json_HasTheServersFields()
    {
        var jobs = (await CliProcess.RunForJsonAsync("jobs", "list", "--endpoint", _server.Address)).GetProperty("jobs");

        Assert.Equal(["order-0", "order-1", "order-2"], jobs.EnumerateArray().Select(job => job.GetProperty("id").GetString()));
        Assert.Equal(Old.ToString("O", CultureInfo.InvariantCulture), jobs[2].GetProperty("created").GetString());
    }

    [Fact]
    public async Task List_WithMoreJobsThanTheLimit_SaysSo()
    {
        var table = await CliProcess.RunSuccessfullyAsync("jobs", "list", "--limit", "2", "--endpoint", _server.Address);

        Assert.EndsWith("There are more jobs than these 2. Raise --limit.\n", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--limit must be at least 1.", "--limit", "0")]
    [InlineData(1, "401: the key is missing or wrong. Set the key with INFERCTL_KEY or --key.", "--limit", "41")]
    [InlineData(1, "501: Jobs are kept in a storage account.", "--limit", "51")]
    public async Task List_Refused_ExplainsTheFix(int exitCode, string message, params string[] options)
    {
        var result = await CliProcess.RunAsync(["jobs", "list", "--endpoint", _server.Address, .. options]);

        Assert.Equal((exitCode, $"inferctl: {message}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Get_AJob_HasLocalTimesAndItsAge()
    {
        var text = await CliProcess.RunSuccessfullyAsync("jobs", "get", "order-0", "--endpoint", _server.Address);

        Assert.Matches("\ncreated +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\(2\\d min ago\\)\n", text);
    }

    [Theory]
    [InlineData(0, "succeeded")]
    [InlineData(1, "failed")]
    [InlineData(1, "cancelled")]
    public async Task Job_ThatEnds_DecidesTheExitCode(int exitCode, string status)
    {
        string[] to = ["--endpoint", _server.Address];

        var submitted = await CliProcess.RunAsync(["jobs", "submit", status, "--data", "[1]", "--watch", .. to]);
        var watched = await CliProcess.RunAsync(["jobs", "watch", $"end-{status}", .. to]);
        var shown = await CliProcess.RunAsync(["jobs", "get", $"end-{status}", .. to]);
        var cancelled = await CliProcess.RunAsync(["jobs", "cancel", $"end-{status}", .. to]);

        Assert.All((CliResult[])[submitted, watched, shown], result => Assert.Equal(exitCode, result.ExitCode));
        Assert.Equal(0, cancelled.ExitCode);
        Assert.Contains($"end-{status}: {status}", submitted.Error, StringComparison.Ordinal);
    }

    /// <summary>Between two attempts nothing runs, so the command says what it waits for.</summary>
    [Fact]
    public async Task Watch_AJobThatIsRetried_ShowsTheAttemptAndItsFailure()
    {
        const string Waiting = "attempt 1 of 5 failed: modelUnavailable: It does not load.";

        var watched = await CliProcess.RunAsync("jobs", "watch", "retried", "--endpoint", _server.Address);
        var shown = await CliProcess.RunSuccessfullyAsync("jobs", "get", "waiting", "--endpoint", _server.Address);

        Assert.Equal((0, $"retried: running, {Waiting}\nretried: succeeded\n"), (watched.ExitCode, watched.Error));
        Assert.Contains($"\nretry     {Waiting}\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AJobWithAFailure_WrapsItToTheTerminal()
    {
        var shown = await CliProcess.RunAsync(("COLUMNS", "40"), "jobs", "get", "waiting", "--endpoint", _server.Address);

        const string Indent = "          ";
        Assert.Contains(
            $"\nretry     attempt 1 of 5 failed:\n{Indent}modelUnavailable: It does not\n{Indent}load.\n", shown.Output,
            StringComparison.Ordinal);
    }

    public void Dispose() => _server.Dispose();

    [GeneratedRegex("^(?:/jobs/end-|/models/)([a-z]+)(?:/jobs)?$")]
    private static partial Regex Ending();

    private static DateTimeOffset Old { get; } = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private void Answer(HttpListenerContext context)
    {
        var (path, query) = (context.Request.Url!.AbsolutePath, context.Request.Url.Query);
        _asked.Add(path + query);
        var first = $$"""
            {"id":"order-0","model":"iris","version":1,"status":"succeeded","created":"{{Now.AddMinutes(-20):O}}","attempts":1}
            """;
        var failed = $$"""
            {"id":"order-1","model":"iris","status":"failed","created":"{{Now.AddHours(-2.5):O}}","attempts":5,
             "error":{"code":"modelUnavailable","message":"It does not load."} }
            """;
        var waiting = $$"""
            {"id":"retried","model":"iris","status":"running","created":"{{Now:O}}","attempts":1,
             "retry":{"attempt":1,"maxAttempts":5,"error":{"code":"modelUnavailable","message":"It does not load."} } }
            """;
        var (status, body) = query switch
        {
            _ when path == "/jobs/waiting" || (path == "/jobs/retried" && _asked.Count(asked => asked == path) == 1) => (200, waiting),
            _ when path == "/jobs/retried" => (200, first),
            _ when path == "/jobs/order-0" => (200, first),
            _ when Ending().Match(path) is { Success: true } end => (200, $$"""
                {"id":"end-{{end.Groups[1]}}","model":"iris","status":"{{end.Groups[1]}}","created":"{{Now:O}}","attempts":1}
                """),
            "?limit=41" => (401, """{"detail":"No key."}"""),
            "?limit=51" => (501, """{"detail":"Jobs are kept in a storage account."}"""),
            _ when query.Contains("continuation", StringComparison.Ordinal) =>
                (200, $$"""{"jobs":[{"id":"order-2","model":"iris","status":"running","created":"{{Old:O}}","attempts":1}]}"""),
            _ => (200, $$"""{"jobs":[{{first}},{{failed}}],"continuation":"a/b="}"""),
        };
        context.Response.StatusCode = status;
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
    }
}
