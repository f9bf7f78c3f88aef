using System.Text.Json;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Doctor;

/// <summary>Tests what <c>doctor</c> finds in the files of a store: settings, text files and folders.</summary>
public sealed class DoctorFilesTests : IDisposable
{
    private const string NoServer = "http://127.0.0.1:1";

    private readonly ModelFolder _served = new();

    /// <summary>A server loads none of these versions, and the versions themselves are right.</summary>
    [Theory]
    [InlineData(
        "config.pbtxt", "max_batch_size: 0\ninput [ { name: \"wrong\" data_type: TYPE_FP32 dims: [ 1, 4 ] } ]",
        "The model has no input \"wrong\"")]
    [InlineData(
        "config.pbtxt", "max_batch_size: 0\ninput [ { name: \"x\" data_type: TYPE_INT64 dims: [ 1, 4 ] } ]",
        "\"x\" is declared as INT64, but the model has FP32.")]
    [InlineData("model.json", """{"lifecycle":{"warmup":[{"request":{"features":[1,2]}}]}}""", "model.json:1:")]
    [InlineData("model.json", """{"limits":{"dimensions":{"none":5}}}""", "$.limits.dimensions: ")]
    public async Task Settings_ThatContradictTheVersions_AreFoundOnceAndToBeCorrected(string file, string content, string message)
    {
        _served.WriteScaling("m", 1, 2);
        _served.WriteScaling("m", 2, 3);
        _served.Write(content, "m", file);

        var (result, findings) = await RunAsync(NoServer);

        Assert.Equal(1, result.ExitCode);
        var finding = Assert.Single(findings["m settings"]);
        Assert.Equal("wrong", finding.Verdict);
        Assert.StartsWith("The model does not match its settings. ", finding.Message, StringComparison.Ordinal);
        AssertText.Contains(message, finding.Message);
        Assert.Equal($"Correct the named file of m in {_served.Path}.", finding.Fix);
        Assert.DoesNotContain("models remove", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The settings can name the model file, so they are read before the version is known.</summary>
    [Theory]
    [InlineData("model.onnx")]
    [InlineData("x.onnx")]
    public async Task Settings_ThatCannotBeRead_AreOneFindingAndOtherModelsAreChecked(string modelFile)
    {
        _served.WriteScaling("good", 1, 2);
        _served.Write(File.ReadAllBytes(_served.PathOf("good", "1", "model.onnx")), "m", "1", modelFile);
        File.CreateSymbolicLink(_served.PathOf("m", "model.json"), "nowhere");

        var (result, findings) = await RunAsync(NoServer);

        Assert.Equal(1, result.ExitCode);
        var finding = Assert.Single(findings["m settings"]);
        Assert.Equal("wrong", finding.Verdict);
        Assert.Contains("\"model.json\" is a link that leads nowhere.", finding.Message, StringComparison.Ordinal);
        Assert.Equal("ok", Assert.Single(findings["m/1 trial"]).Verdict);
        Assert.Equal("ok", Assert.Single(findings["good/1 trial"]).Verdict);
    }

    [Fact]
    public async Task Version_ThatPassesTheSamplesOfItsSettings_IsOk()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write("""{"lifecycle":{"warmup":[{"request":{"features":[1,2,3,4]},"count":3},{}]}}""", "m", "model.json");

        var (_, findings) = await RunAsync(NoServer);

        Assert.Equal("ok", Assert.Single(findings["m/1 trial"]).Verdict);
        Assert.Empty(findings["m settings"]);
    }

    /// <summary>A push refuses the same files with the same messages.</summary>
    [Theory]
    [InlineData("tokenizer.json", "{}", "tokenizer.json: \"model")]
    [InlineData("config.json", "[]", "config.json:1:1: $: This is not a JSON object.")]
    [InlineData("tokenizer.json", "{", "\"texts/1/tokenizer.json\" is not valid JSON: ")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\":\"x\"}", "$.model_max_length: This is a string; a number is expected.")]
    [InlineData("labels.txt", "a\nb\n", "labels.txt has 2 labels, but no output has as many scores per item", "scaling")]
    [InlineData("labels.txt", "a\nb\n", "labels.txt has 2 labels, but no output has as many scores per item")]
    public async Task Version_WithABrokenTextFile_IsWrong(string file, string content, string message, string model = "texts")
    {
        _served.WriteScaling("scaling", 1, 2);
        foreach (var name in (string[])["model.onnx", "config.json", "tokenizer.json"])
            _served.Write(File.ReadAllBytes(ServedModels.PathOf("entities", "1", name)), "texts", "1", name);
        var (_, whole) = await RunAsync(NoServer);
        _served.Write(content, model, "1", file);

        var (result, broken) = await RunAsync(NoServer);

        Assert.Equal("ok", Assert.Single(whole[$"{model}/1 trial"]).Verdict);
        Assert.Equal(1, result.ExitCode);
        var finding = Assert.Single(broken[$"{model}/1 trial"]);
        Assert.Equal("wrong", finding.Verdict);
        AssertText.Contains(message, finding.Message);
        Assert.Contains($"To remove this version: inferctl models remove {model} --version 1", finding.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Version_InTwoFolders_IsNotAdvisedToBeRemoved(bool withServer)
    {
        _served.WriteScaling("lead", 1, 2);
        _served.Write(File.ReadAllBytes(_served.PathOf("lead", "1", "model.onnx")), "lead", "01", "model.onnx");
        await using var server = withServer ? await _served.ServeAsync() : null;

        var (_, findings) = await RunAsync(server?.Client.BaseAddress!.AbsoluteUri ?? NoServer);

        var finding = Assert.Single(findings["lead/1"]);
        Assert.Contains("are both version 1.", finding.Message, StringComparison.Ordinal);
        Assert.Equal($"Keep one version 1 of lead, and delete or rename the other in {_served.Path}.", finding.Fix);
    }

    [Fact]
    public async Task Folders_WithoutFiles_AreFoundWithoutAServer()
    {
        _served.WriteScaling("good", 1, 2);
        Directory.CreateDirectory(_served.PathOf("empty", "1"));
        Directory.CreateDirectory(_served.PathOf("not a model"));

        var (result, findings) = await RunAsync(NoServer);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("\"empty\" has no model file.", Assert.Single(findings["empty"]).Message, StringComparison.Ordinal);
        Assert.StartsWith("\"not a model\" is not the name of a model", Assert.Single(findings["not a model"]).Message,
            StringComparison.Ordinal);
        Assert.Contains("has 2 models with 1 version.", Assert.Single(findings["storage"]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settings_ThatAreAFolder_AreOneFinding(bool withServer)
    {
        _served.WriteScaling("good", 1, 2);
        _served.WriteScaling("m", 1, 2);
        Directory.CreateDirectory(_served.PathOf("m", "model.json"));
        await using var server = withServer ? await _served.ServeAsync() : null;

        var (result, findings) = await RunAsync(server?.Client.BaseAddress!.AbsoluteUri ?? NoServer);

        Assert.Equal(1, result.ExitCode);
        var found = findings.SelectMany(group => group)
            .Where(finding => finding.Message.Contains("\"m/model.json\" is a folder; a file is expected.", StringComparison.Ordinal));
        Assert.Equal("wrong", Assert.Single(found).Verdict);
        Assert.Empty(findings["m/1 served"]);
    }

    [Fact]
    public async Task Settings_ThatAreTooLarge_AreAFinding()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write($"{{}}{new string(' ', (1 << 20) - 1)}", "m", "versions.json");

        var (_, findings) = await RunAsync(NoServer);

        var finding = Assert.Single(findings["m settings"]);
        Assert.Equal("\"m/versions.json\" has 1048577 bytes; at most 1048576 are read.", finding.Message);
    }

    /// <summary>A server serves both models. The files of the folder are listed for one of the links only.</summary>
    [Fact]
    public async Task Links_ToOneFolder_AreNotEmptyFolders()
    {
        using var other = new ModelFolder();
        other.WriteScaling("m", 1, 2);
        Directory.CreateSymbolicLink(_served.PathOf("first"), other.PathOf("m"));
        Directory.CreateSymbolicLink(_served.PathOf("second"), other.PathOf("m"));

        var (result, _) = await RunAsync(NoServer);

        Assert.DoesNotContain("has no model file", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The server has tried to load the version, and reports the same problem.</summary>
    [Fact]
    public async Task Settings_ThatContradictARequestedVersion_AreOneFinding()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write("""{"lifecycle":{"warmup":[{"request":{"features":[1,2]}}]}}""", "m", "model.json");
        await using var server = await _served.ServeAsync();
        using (await server.PostAsync("/models/m/predict", "{\"features\":[1,0,0,0]}"))
        {
        }

        var (result, findings) = await RunAsync(server.Client.BaseAddress!.AbsoluteUri);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("does not match its settings: model.json:1:", Assert.Single(findings["m"]).Message, StringComparison.Ordinal);
        Assert.Empty(findings["m settings"]);
        Assert.DoesNotContain("models remove", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The version has no files, because another server runs it. So the store has not lost the version.</summary>
    [Fact]
    public async Task Model_OnAServerThatCannotBeReached_IsNotToBeRemoved()
    {
        _served.Write("""{"remote":{"kind":"open-inference","url":"http://127.0.0.1:1"}}""", "m", "model.json");
        await using var server = await _served.ServeAsync();
        using (await server.PostAsync("/models/m/predict", "{\"features\":[1]}"))
        {
        }

        var (result, findings) = await RunAsync(server.Client.BaseAddress!.AbsoluteUri);
        var verify = await CliProcess.RunAsync("models", "verify", "m", "--store", _served.Path);
        var push = await CliProcess.RunAsync("models", "push", _served.PathOf("m"), "other", "--store", _served.Path);

        Assert.Equal((1, 1, 2), (result.ExitCode, verify.ExitCode, push.ExitCode));
        var finding = Assert.Single(findings["m/1"]);
        Assert.Equal("wrong", finding.Verdict);
        Assert.Equal("Correct the cause that the reason names.", finding.Fix);
        Assert.Contains("because its model.json names another server", verify.Error, StringComparison.Ordinal);
        Assert.Contains("because its model.json names another server. Such a model is not pushed", push.Error, StringComparison.Ordinal);
    }

    /// <summary>A warning about a label of that name does not refuse requests.</summary>
    [Fact]
    public async Task Label_NamedTraffic_OfAnAbsentVersion_IsAWarning()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write(
            """{"versions":{"labels":{"traffic":8},"traffic":[{"version":7,"percent":100}]}}""", "m", "model.json");

        var (_, findings) = await RunAsync(NoServer);

        var label = Assert.Single(findings["m settings"], finding => finding.Message.Contains("labels.traffic", StringComparison.Ordinal));
        Assert.Equal("warning", label.Verdict);
    }

    /// <summary>The settings are valid, but requests that name no version get 503.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Traffic_OfAbsentVersionsOnly_IsWrong(bool withServer)
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write("""{"versions":{"traffic":[{"version":7,"percent":100}]}}""", "m", "model.json");
        await using var server = withServer ? await _served.ServeAsync() : null;

        var (result, findings) = await RunAsync(server?.Client.BaseAddress!.AbsoluteUri ?? NoServer);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(2, findings["m settings"].Count());
        Assert.All(findings["m settings"], finding => Assert.Equal("wrong", finding.Verdict));
        Assert.Contains(findings["m settings"], finding => finding.Message.EndsWith(
            "None of its versions is served, so requests that name no version are refused.", StringComparison.Ordinal));
    }

    /// <summary>Server and store report the same problem of the settings, which is added once.</summary>
    [Fact]
    public async Task Traffic_OfAModelWithoutAServedVersion_IsOneFinding()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write("""{"versions":{"serve":{"specific":[7]},"traffic":[{"version":7,"percent":100}]}}""", "m", "model.json");
        await using var server = await _served.ServeAsync();

        var (_, findings) = await RunAsync(server.Client.BaseAddress!.AbsoluteUri);

        Assert.Equal("wrong", Assert.Single(findings["m settings"]).Verdict);
    }

    public void Dispose() => _served.Dispose();

    private async Task<(CliResult Result, ILookup<string, Finding> Findings)> RunAsync(string endpoint)
    {
        var result = await CliProcess.RunAsync("doctor", "--json", "--store", _served.Path, "--endpoint", endpoint);
        var findings = JsonElement.Parse(result.Output).EnumerateArray().ToLookup(
            finding => finding.GetProperty("check").GetString()!,
            finding => new Finding(
                finding.GetProperty("verdict").GetString(),
                finding.GetProperty("finding").GetString()!,
                finding.TryGetProperty("fix", out var fix) ? fix.GetString() : null));
        return (result, findings);
    }

    private sealed record Finding(string? Verdict, string Message, string? Fix);
}
