using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Cli.Tests;

/// <summary>A text of a server cannot move the cursor, forge a line, or make one name look like another.</summary>
public sealed class TerminalTests : IDisposable
{
    /// <summary>
    /// A hostile text in JSON's escapes: an escape sequence, a window title, a C1 control, DEL, a line break, a bidi override and isolate,
    /// a tag, a line separator.
    /// </summary>
    private const string Evil = """\u001b[2J\u001b]0;owned\u0007\u009b31m\u007f\r\n\tgood  1  ready\u202e\u2066\udb40\udc41\u2028\b""";

    private readonly HttpDouble _server = new(Answer);

    [Theory]
    [InlineData(0, "models", "list")]
    [InlineData(0, "models", "list", "--json")]
    [InlineData(0, "models", "show", "iris")]
    [InlineData(0, "models", "show", "iris", "--json")]
    [InlineData(1, "jobs", "get", "a")]
    [InlineData(1, "jobs", "get", "a", "--json")]
    [InlineData(1, "jobs", "submit", "iris", "--data", "[1]", "--watch")]
    [InlineData(0, "predict", "iris", "--data", "[1]")]
    [InlineData(0, "predict", "iris", "--data", "[1]", "--format", "csv")]
    [InlineData(0, "predict", "iris", "--data", "[1]", "--format", "json")]
    [InlineData(1, "predict", "refused", "--data", "[1]")]
    [InlineData(1, "predict", "redirected", "--data", "[1]")]
    [InlineData(1, "models", "show", "text")]
    [InlineData(1, "models", "show", "number")]
    [InlineData(1, "doctor")]
    [InlineData(1, "doctor", "--json")]
    [InlineData(1, "bench", "iris")]
    [InlineData(1, "bench", "refused")]
    public async Task Command_HostileAnswer_IsPrintedAsText(int exitCode, params string[] arguments)
    {
        var result = await CliProcess.RunAsync([.. arguments, "--endpoint", _server.Address]);

        Assert.True(result.ExitCode == exitCode, result.Output + result.Error);
        AssertPrinted(result);
        if (arguments.Contains("--json") || arguments.Contains("json"))
            Assert.Contains(JsonElement.Parse($"\"{Evil}\"").GetString()!, Strings(JsonElement.Parse(result.Output)));
        Assert.DoesNotContain("Unhandled", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The runtime of the unpublished build opens another file in place of the closed stdout, so no write fails.</summary>
    [PublishedTheory]
    [InlineData("--help")]
    [InlineData("models", "list")]
    [InlineData("models", "list", "--json")]
    [InlineData("predict", "iris", "--data", "[1]")]
    [InlineData("completion", "bash")]
    public async Task Command_ClosedOutput_EndsWithAnError(params string[] arguments)
    {
        var result = await CliProcess.RunWithoutOutputAsync(
            arguments is ["--help"] or ["completion", ..] ? arguments : [.. arguments, "--endpoint", _server.Address]);

        Assert.Equal(
            (1, "inferctl: Nothing can be printed, because stdout is closed. Redirect it to a file, or to /dev/null.\n"),
            (result.ExitCode, result.Error));
    }

    /// <summary>Asserts that the output has no control or format characters, and that no line is the forged one.</summary>
    internal static void AssertPrinted(CliResult result)
    {
        foreach (var rune in (result.Output + result.Error).EnumerateRunes())
        {
            Assert.True(rune.Value == '\n' || Rune.GetUnicodeCategory(rune) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
                $"U+{rune.Value:X4}");
        }

        Assert.DoesNotMatch("(?m)^[\\s]*good  1  ready", result.Output + result.Error);
    }

    public void Dispose() => _server.Dispose();

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Strings(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [value.GetString()!],
        _ => [],
    };

    private static void Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var (status, body) = path switch
        {
            "/health/live" or "/health/ready" => (200, "ok"),
            "/models/text" => (200, $"\"{Evil}\""),
            "/models/number" => (200, $$"""{"name":1,"versions":"{{Evil}}","reason":1}"""),
            "/models" => (200, $$"""{"models":[{{Model}}]}"""),
            "/models/iris" => (200, Model),
            "/status" => (400, $$"""{"detail":"{{Evil}}"}"""),
            "/models/iris/predict" =>
                (200, $$"""{"predictions":[{"{{Evil}}":["{{Evil}}"]}],"labels":[[{"label":"{{Evil}}","score":1}]]}"""),
            "/models/redirected/predict" => (307, ""),
            _ when path.Contains("jobs", StringComparison.Ordinal) => (200,
                $$"""{"id":"{{Evil}}","status":"failed","{{Evil}}":"{{Evil}}","result":{"x":["{{Evil}}"]},"error":{"code":"{{Evil}}","message":"{{Evil}}"} }"""),
            "/v2/models/iris" =>
                (200, $$"""{"name":"iris","inputs":[{"name":"{{Evil}}","datatype":"{{Evil}}","shape":[1]}],"outputs":[]}"""),
            _ => (400, $$"""{"error":"{{Evil}}","detail":"{{Evil}}"}"""),
        };
        context.Response.StatusCode = status;
        // HTTP allows this C1 control in a reason phrase. It refuses other controls there, so they are not tested.
        context.Response.StatusDescription = "\u009b31m";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
    }

    private const string Model =
        $$"""
        {"name":"{{Evil}}","reason":"{{Evil}}","version":"{{Evil}}","batch":"{{Evil}}","labels":["{{Evil}}"],
         "versions":[{"version":"{{Evil}}","state":"{{Evil}}","size":1,"reason":"{{Evil}}","batching":{"contract":"{{Evil}}","reason":"{{Evil}}","advice":"{{Evil}}"} },
                     {"version":2,"state":"failed","size":1,"batching":{"contract":"proven","advice":"{{Evil}}"} }],
         "warnings":[{"file":"{{Evil}}","line":1,"column":1,"path":"{{Evil}}","message":"{{Evil}}"}],
         "inputs":[{"name":"{{Evil}}","datatype":"{{Evil}}","shape":["{{Evil}}",
           1]}],"outputs":[]}
        """;
}
