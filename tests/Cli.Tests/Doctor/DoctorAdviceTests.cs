using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Functions.Tests;

namespace Cli.Tests.Doctor;

/// <summary>Follows the advice of <c>doctor</c> as it is printed.</summary>
public sealed partial class DoctorAdviceTests : IDisposable
{
    private readonly ModelFolder _served = new();

    /// <summary>
    /// Each model is broken in another way. The advice is a command that removes the model, or names the files to delete.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removal_OfEachBrokenVersion_WorksAsWritten(bool withStore)
    {
        WriteBrokenModels();
        await using var server = await _served.ServeAsync(("Models__ReloadInterval", "0"));
        await server.WaitForOutputAsync("Model garbage/1 does not load.");
        await server.WaitForOutputAsync("Model bare/1 does not load.");
        var endpoint = server.Client.BaseAddress!.AbsoluteUri;
        string[] doctor = ["doctor", "--json", "--endpoint", endpoint];

        var findings = JsonElement.Parse(
            (await CliProcess.RunAsync(withStore ? [.. doctor, "--store", _served.Path] : doctor)).Output);

        var fixes = findings.EnumerateArray().Where(finding => finding.GetProperty("verdict").GetString() != "ok")
            .ToLookup(finding => finding.GetProperty("check").GetString()!, finding => finding.GetProperty("fix").GetString()!);
        string[] removable = ["bare/1", "changed/1 files", "garbage/1", "half/1", "misnamed/1", "two/1"];
        foreach (var check in removable)
            Assert.All(fixes[check], fix => Assert.Matches(Command(), fix));
        Assert.Equal($"Correct this in {_served.Path}.", Assert.Single(fixes["settings"]));
        Assert.Contains(fixes["flat/1"], fix => fix.EndsWith($"delete the files of flat in {_served.Path}", StringComparison.Ordinal));
        var commands = fixes.SelectMany(group => group).SelectMany(fix => Command().Matches(fix)).Select(match => match.Value);
        foreach (var command in commands.Distinct())
        {
            var words = command.Split(' ')[1..];
            var result = await CliProcess.RunAsync([.. words, "--yes"]);
            Assert.True(result.ExitCode == 0, $"{command}: {result.Error}");
        }

        var left = Directory.EnumerateDirectories(_served.Path).Select(Path.GetFileName).Where(name => name![0] != '.').Order();
        Assert.Equal(["flat", "good", "settings"], left);
    }

    [Theory]
    [InlineData(
        "401: The request needs the admin key, but the server has none. Set Keys__Admin on the server.",
        "Restart the server with Keys__Admin, and give that key with")]
    [InlineData("401: the key is missing or wrong.", "Set the key with INFERCTL_KEY or --key.", "Keys__Admin")]
    public async Task Status_WithoutTheAdminKey_NamesTheMissingKeyOnce(string problem, string fix, string? setting = null)
    {
        await using var server = await _served.ServeAsync(
            [("Keys__Function", "f0a5c2d4e6"), .. setting is null ? [] : ((string, string)[])[(setting, "a1b7d3f9e5")]]);

        var result = await CliProcess.RunAsync("doctor", "--key", "f0a5c2d4e6", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        var line = Assert.Single(result.Output.Split('\n'), line => line.StartsWith("limits", StringComparison.Ordinal));
        Assert.Contains($"{problem} {fix}", line, StringComparison.Ordinal);
        Assert.Equal(2, line.Split("--key").Length);
    }

    /// <summary>The reason can be that the server refused a file, or only that another version is about to be served.</summary>
    [Fact]
    public async Task Version_ThatIsAboutToBeReplaced_HasNoAdviceAboutAProblemOfItsFiles()
    {
        using var server = CreateServer(
            """{"models":[{"name":"m","versions":[{"version":1,"state":"ready","reason":"It waits for version 2."}]}]}""");

        var result = await CliProcess.RunAsync("doctor", "--json", "--endpoint", server.Address);

        var version = JsonElement.Parse(result.Output).EnumerateArray()
            .Single(finding => finding.GetProperty("check").GetString() == "m/1");
        Assert.Equal("If the reason names a problem, correct it. Until then, the server does not update the version.",
            version.GetProperty("fix").GetString());
    }

    /// <summary>The server says what has to be corrected. The name of the model is a word of the reason.</summary>
    [Theory]
    [InlineData(",\"cause\":\"store\"", "store", "Correct the problem. No version has to be removed.", "warning")]
    [InlineData(",\"cause\":\"settings\"", "folder", "Correct this in Models__Source.")]
    [InlineData(
        ",\"cause\":\"files\"", "folder/1",
        "Correct the problem. To remove this version: delete the files of folder/1 in Models__Source")]
    [InlineData("", "folder/1", "Correct the cause that the reason names.")]
    public async Task Failure_OfEachCause_HasItsFix(string cause, string check, string fix, string ready = "ok")
    {
        using var server = CreateServer(
            $$"""{"models":[{"name":"folder","versions":[{"version":1,"state":"failed","reason":"The folder is wrong."{{cause}}}]}]}""");

        var findings = await ReadFindingsAsync(server);

        var finding = Assert.Single(findings, finding => finding.GetProperty("finding").GetString() == "The folder is wrong.");
        Assert.Equal((check, fix), (finding.GetProperty("check").GetString(), finding.GetProperty("fix").GetString()));
        Assert.Equal(ready, Find(findings, "ready").GetProperty("verdict").GetString());
    }

    /// <summary>The other model can load, so the server reads its store.</summary>
    [Fact]
    public async Task Failure_OfOneModelInTheStore_IsAboutTheModel()
    {
        using var server = CreateServer(
            """
            {"models":[{"name":"m","versions":[{"version":1,"state":"failed","reason":"Not readable.","cause":"store"}]},
             {"name":"other","versions":[{"version":1,"state":"available"}]}]}
            """);

        var findings = await ReadFindingsAsync(server);

        Assert.Equal("Not readable.", Find(findings, "m").GetProperty("finding").GetString());
        Assert.Equal("ok", Find(findings, "ready").GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData("storeUnavailable", "warning", "Correct the setting Models__Source of the server.")]
    [InlineData("serverStopping", "ok", "See the server's log, and run doctor again.")]
    public async Task Models_ThatAreRefused_BlameTheStoreByTheCodeOfTheError(string code, string ready, string fix)
    {
        using var server = CreateServer("""{"detail":"Not now."}""", status: 503, code);

        var findings = await ReadFindingsAsync(server);

        Assert.Equal(ready, Find(findings, "ready").GetProperty("verdict").GetString());
        Assert.Equal(fix, Find(findings, "models").GetProperty("fix").GetString());
    }

    [Fact]
    public async Task ModelsAndJobs_WithoutAKey_EachTellOnceHowToGiveIt()
    {
        await using var server = await _served.ServeAsync(("Keys__Function", "f0a5c2d4e6"));

        var result = await CliProcess.RunAsync("doctor", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        const string Problem = "401: the key is missing or wrong. Set the key with INFERCTL_KEY or --key.";
        var lines = result.Output.Split('\n');
        var models = Assert.Single(lines, line => line.StartsWith("models", StringComparison.Ordinal));
        Assert.EndsWith(Problem, models, StringComparison.Ordinal);
        var jobs = Assert.Single(lines, line => line.StartsWith("jobs", StringComparison.Ordinal));
        Assert.Matches($"^jobs +warning +Jobs cannot be read, so they are not checked. {Problem}$", jobs);
    }

    [Fact]
    public async Task Counts_OfServerAndStore_IncludeModelsWithoutAVersion()
    {
        _served.WriteScaling("good", 1, 2);
        _served.Write("text", "other", "readme.txt");
        await using var server = await _served.ServeAsync();

        var result = await CliProcess.RunAsync("doctor", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Contains("2 models with 1 version: 1 available. 1 model without a version that can be served.", result.Output,
            StringComparison.Ordinal);
        Assert.Contains("responds, and has 2 models with 1 version.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OtherThanTheServers_IsNotNamedInAdviceAboutTheServer()
    {
        using var other = new ModelFolder();
        other.WriteScaling("garbage", 1, 2);
        _served.Write("no model", "garbage", "1", "model.onnx");
        await using var server = await _served.ServeAsync();
        await server.WaitForOutputAsync("Model garbage/1 does not load.");

        var result = await CliProcess.RunAsync("doctor", "--store", other.Path, "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Contains($"To remove this version: delete the files of garbage/1 in {_served.Path}\n", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The settings are the reason for all versions, so no version is to be removed.</summary>
    [Fact]
    public async Task Settings_ThatCannotBeUsed_AreOneFinding()
    {
        _served.WriteScaling("m", 1, 2);
        _served.WriteScaling("m", 2, 2);
        _served.Write("""{"vershions":{}}""", "m", "model.json");
        await using var server = await _served.ServeAsync();

        var result = await CliProcess.RunAsync("doctor", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Matches("\nm +wrong +The settings of model m cannot be used. ", result.Output);
        Assert.Equal(2, result.Output.Split("model.json:1:14").Length);
        Assert.DoesNotContain("remove this version", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelsFolder_ThatIsAbsent_IsOneFindingAndNotReady()
    {
        _served.WriteScaling("a", 1, 2);
        _served.WriteScaling("b", 1, 2);
        await using var server = await _served.ServeAsync(("Models__ReloadInterval", "0"));
        await server.WaitUntilReadyAsync();
        Directory.Delete(_served.Path, recursive: true);

        var result = await CliProcess.RunAsync("doctor", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches("\nready +warning +The server accepts requests, but only for loaded models.", result.Output);
        Assert.Matches("\nstore +wrong +Models cannot be read from the model folder: It does not exist. Check Models__Source.", result.Output);
        Assert.Equal(2, result.Output.Split("Check Models__Source").Length);
        Assert.DoesNotContain("remove this version", result.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch("\nstore +ok", result.Output);
    }

    [Theory]
    [InlineData(2, "inferctl: --store is empty.", "")]
    [InlineData(2, "inferctl: --store cannot be used: blob: has no valid container name", "blob:")]
    [InlineData(2, "inferctl: \"s3://b/c\" is not a store. --store accepts a folder, ", "s3://b/c")]
    [InlineData(1, "", "/nowhere", "There is no folder /nowhere")]
    [InlineData(1, "", "/etc/passwd", "/etc/passwd is a file; a folder is expected")]
    public async Task Store_ThatDoesNotExist_IsFound(int exitCode, string error, string store, string finding = "")
    {
        var result = await CliProcess.RunAsync("doctor", "--store", store, "--endpoint", "http://127.0.0.1:1");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        if (exitCode == 1)
            Assert.Matches($"storage +wrong +{finding}. Set --store", result.Output);
    }

    public void Dispose() => _served.Dispose();

    [GeneratedRegex(@"inferctl models remove \S+ --version \d+ --store \S+")]
    private static partial Regex Command();

    private static async Task<List<JsonElement>> ReadFindingsAsync(HttpDouble server)
    {
        var result = await CliProcess.RunAsync("doctor", "--json", "--endpoint", server.Address);
        return [.. JsonElement.Parse(result.Output).EnumerateArray()];
    }

    private static JsonElement Find(List<JsonElement> findings, string check) =>
        Assert.Single(findings, finding => finding.GetProperty("check").GetString() == check);

    /// <param name="models">The response to the request for the models.</param>
    /// <param name="status">The status of this response.</param>
    /// <param name="code">The error code of this response; null for none.</param>
    private static HttpDouble CreateServer(string models, int status = 200, string? code = null) => new(context =>
    {
        var path = context.Request.Url!.AbsolutePath;
        context.Response.StatusCode = path is "/health/live" or "/health/ready" ? 200 : path == "/models" ? status : 404;
        if (path != "/models")
            return;
        if (code is not null)
            context.Response.Headers["Inference-Error-Code"] = code;
        context.Response.ContentType = "application/json";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(models));
    });

    private void WriteBrokenModels()
    {
        _served.WriteScaling("good", 1, 2);
        var model = File.ReadAllBytes(_served.PathOf("good", "1", "model.onnx"));
        _served.Write("no model", "garbage", "1", "model.onnx");
        _served.Write("no model", "bare.onnx");
        _served.Write("no model", "flat", "model.onnx");
        _served.Write("half", "half", "1", "weights.bin.part");
        _served.Write(model, "two", "1", "a.onnx");
        _served.Write(model, "two", "1", "b.onnx");
        _served.Write("text", "misnamed", "1", "model.txt");
        _served.WriteScaling("settings", 1, 2);
        _served.Write("""{"vershions":{}}""", "settings", "model.json");
        _served.WriteScaling("changed", 1, 2);
        _served.Write($"{new string('0', 64)}  model.onnx\n", "changed", "1", "model.sha256");
    }
}
