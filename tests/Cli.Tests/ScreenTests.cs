using System.Net;
using System.Text;

namespace Cli.Tests;

/// <summary>On a terminal, output has colors and lines that fit. In a pipe, it has neither.</summary>
public sealed class ScreenTests : IDisposable
{
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";

    private const string Reason =
        "Model detector-with-a-long-name/12 does not load: its graph has the operator NonMaxSuppression of a domain that this server does "
        + "not have. Export it again with opset 17 or lower, or install the library of the operator.";

    private readonly HttpDouble _server = new(Answer);

    [Fact]
    public async Task List_OnATerminal_HasColorsUnlessNoColorIsSet()
    {
        string[] list = ["models", "list", "--endpoint", _server.Address];

        var seen = await CliProcess.RunInTerminalAsync(80, null, list);
        var plain = await CliProcess.RunInTerminalAsync(80, ("NO_COLOR", "1"), list);
        var dumb = await CliProcess.RunInTerminalAsync(80, ("TERM", "dumb"), list);
        var piped = await CliProcess.RunAsync(list);

        Assert.Contains($"{Green}ready", seen.Output, StringComparison.Ordinal);
        Assert.Contains($"{Red}failed", seen.Output, StringComparison.Ordinal);
        Assert.All((CliResult[])[plain, dumb, piped], result => Assert.DoesNotContain("\e[3", result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Error_OnATerminal_HasItsNameInRed()
    {
        var seen = await CliProcess.RunInTerminalAsync(80, null, "models", "show", "none", "--endpoint", _server.Address);

        Assert.Equal(1, seen.ExitCode);
        Assert.Contains($"{Red}inferctl:", seen.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public async Task Table_OnATerminal_FitsItWithWholeWords(int width)
    {
        string[] list = ["models", "list", "--endpoint", _server.Address];

        var seen = CliProcess.GetScreenText(await CliProcess.RunInTerminalAsync(width, null, list));

        AssertFits(seen, width);
        Assert.Equal(WordsOf(await CliProcess.RunSuccessfullyAsync(list)), WordsOf(seen));
    }

    [Fact]
    public async Task Table_InAPipe_HasALineForEachRowUnlessColumnsIsSet()
    {
        string[] list = ["models", "list", "--endpoint", _server.Address];

        var piped = await CliProcess.RunSuccessfullyAsync(list);
        var narrow = await CliProcess.RunAsync(("COLUMNS", "80"), list);

        Assert.Equal(3, piped.TrimEnd().Split('\n').Length);
        Assert.Contains(Reason, piped, StringComparison.Ordinal);
        AssertFits(narrow.Output, 80);
    }

    /// <summary>A table of many number columns has no column to wrap, so its rows become columns: one for each load.</summary>
    [Fact]
    public async Task Table_OfManyColumns_IsTurned()
    {
        var result = await CliProcess.RunInTerminalAsync(80, null, "bench", "iris", "--concurrency", "1,2", "--window", "1",
            "--max-windows", "3", "--warmup", "0", "--endpoint", _server.Address);
        var seen = CliProcess.GetScreenText(result);

        Assert.True(result.ExitCode == 0, seen);
        AssertFits(seen, 80);
        Assert.Matches(@"\nload +1 caller +2 callers\n", seen);
        Assert.Matches(@"\nresponses/s +\d", seen);
    }

    [Fact]
    public async Task Predictions_OfManyValues_ShowThoseThatFit()
    {
        var seen = CliProcess.GetScreenText(
            await CliProcess.RunInTerminalAsync(80, null, "predict", "wide", "--data", "[1]", "--endpoint", _server.Address));

        AssertFits(seen, 80);
        Assert.Matches(@"item +0 +1 +2 +3 +4 +…\n0 +0\.1234567891", seen);
    }

    [Fact]
    public async Task Predictions_OfManyValues_AreWholeInAPipeAndFillTheTerminal()
    {
        string[] predict = ["predict", "wide", "--data", "[1]", "--endpoint", _server.Address];

        var piped = await CliProcess.RunSuccessfullyAsync(predict);
        var wide = CliProcess.GetScreenText(await CliProcess.RunInTerminalAsync(200, null, predict));

        Assert.Equal((20, 13), (CountValues(piped), CountValues(wide)));

        static int CountValues(string table) => table.Split("0.1234567891").Length - 1;
    }

    [Fact]
    public async Task Help_OnATerminal_FitsIt()
    {
        foreach (var verb in await UsageTests.VerbsAsync())
            AssertFits(CliProcess.GetScreenText(await CliProcess.RunInTerminalAsync(80, null, [.. verb.Split(' ')[1..], "--help"])), 80);
    }

    public void Dispose() => _server.Dispose();

    internal static void AssertFits(string seen, int width) =>
        Assert.All(seen.Split('\n'), line => Assert.True(line.Length <= width, $"{line.Length} characters: {line}"));

    private static IEnumerable<string> WordsOf(string text) =>
        text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal);

    private static void Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var (status, body) = path switch
        {
            "/models" => (200, $$"""
                {"models":[{"name":"detector-with-a-long-name","versions":[{"version":12,"state":"failed","size":123456789,"reason":"{{Reason}}"}]},
                {"name":"iris","versions":[{"version":1,"state":"ready","size":464}]}]}
                """),
            "/v2/models/iris" => (200, """{"name":"iris","inputs":[{"name":"x","datatype":"FP32","shape":[-1,1]}],"outputs":[]}"""),
            "/v2/models/iris/infer" => (200, """{"outputs":[]}"""),
            "/models/wide/predict" => (200, $$"""
                {"predictions":[[{{string.Join(',', Enumerable.Repeat("0.1234567891", 20))}}]]}
                """),
            _ => (404, """{"detail":"There is no such model."}"""),
        };
        context.Response.StatusCode = status;
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
    }
}
