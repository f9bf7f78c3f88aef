using System.Text.Json;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Checks of a server and of a folder of models.</summary>
public sealed class DoctorTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _served = new();

    [Fact]
    public async Task Doctor_BrokenAndChangedModels_AreFoundWithTheFix()
    {
        _served.WriteScaling("good", 1, 2);
        _served.Write("no model", "broken", "1", "model.onnx");
        _served.Write("half", "half", "1", "weights.bin.part");
        _served.WriteScaling("changed", 1, 2);
        _served.Write($"{new string('0', 64)}  model.onnx\n", "changed", "1", "model.sha256");
        await using var server = await _served.ServeAsync();
        using (await server.PostAsync("/models/broken/predict", Features))
        using (await server.PostAsync("/models/good/predict", Features))
        {
        }

        var result = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches("good/1 +ok ", result.Output);
        Assert.Matches("good/1 batching +ok +(Requests|The model accepts)", result.Output);
        Assert.Matches("broken/1 +wrong +Model broken/1 does not load", result.Output);
        Assert.Matches("half/1 +warning .*a push that was interrupted", result.Output);
        Assert.Matches("changed/1 files +wrong .*differs from the listed file", result.Output);
        Assert.Matches("clock +ok ", result.Output);
        Assert.Matches("memory +ok ", result.Output);
    }

    /// <summary>
    /// The server inspects the files when it lists them. It finds a broken file without a request, and doctor without a trial.
    /// </summary>
    [Fact]
    public async Task Doctor_InvalidUnloadedModel_IsWrongWithItsReason()
    {
        _served.WriteScaling("good", 1, 2);
        _served.Write("no model", "garbage", "1", "model.onnx");
        Directory.CreateDirectory(_served.PathOf("empty"));
        await using var server = await _served.ServeAsync(("Models__ReloadInterval", "0"));
        await server.WaitForOutputAsync("Model garbage/1 does not load. The file is text, not an ONNX model");

        var result = await CliProcess.RunAsync("doctor", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        var list = await CliProcess.RunSuccessfullyAsync("models", "list", "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Matches("empty +failed +\"empty\" has no model file", list);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("garbage/1 +wrong +Model garbage/1 does not load. The file is text, not an ONNX model", result.Output);
        Assert.Matches("empty +wrong +\"empty\" has no model file", result.Output);
        Assert.DoesNotContain("garbage/1 trial", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_SettingsThatServeNoExistingVersion_AreWrongWithTheirFix()
    {
        _served.WriteScaling("none", 1, 2);
        _served.Write("""{"versions":{"serve":{"specific":[7]}}}""", "none", "model.json");
        _served.WriteScaling("some", 1, 2);
        _served.WriteScaling("some", 2, 2);
        _served.Write("""{"versions":{"serve":{"specific":[1]},"labels":{"stable":1}}}""", "some", "model.json");
        await using var server = await _served.ServeAsync();
        var endpoint = server.Client.BaseAddress!.AbsoluteUri;

        var result = await CliProcess.RunAsync("doctor", "--endpoint", endpoint);
        var list = await CliProcess.RunSuccessfullyAsync("models", "list", "--endpoint", endpoint);
        var offline = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", "http://127.0.0.1:1");

        const string Reason = "Model none is not served: its settings serve only version 7, which does not exist";
        Assert.Equal(1, result.ExitCode);
        Assert.Matches($"none +wrong +{Reason}.*Correct \"versions.serve\" in model.json", result.Output);
        Assert.Matches("some/2 +ok +It is not served. The settings of the model serve only version 1", result.Output);
        Assert.DoesNotContain("some/2 trial", result.Output, StringComparison.Ordinal);
        Assert.Matches($"none +1 +failed .*{Reason}", list);
        Assert.Matches("some +1 \\(default\\) +available ", list);
        Assert.Matches("some +2 +notServed .*serve only version 1", list);
        Assert.Matches($"none +wrong +{Reason}", offline.Output);
    }

    /// <summary>
    /// Doctor learns the store of a server on this machine from the server's status, so it finds a broken file without --store.
    /// </summary>
    [Fact]
    public async Task Doctor_WithoutAStore_CountsModelsAndTriesUnloadedModels()
    {
        _served.WriteScaling("good", 1, 2);
        _served.WriteScaling("good", 2, 2);
        // The file is a valid model that needs a locale that no system has.
        TestModels.CopyTo("no_locale", _served.PathOf("broken", "1"));
        await using var server = await _served.ServeAsync();
        using (await server.PostAsync("/models/good/predict", Features))
        {
        }

        var findings = (await CliProcess.RunAsync("doctor", "--json", "--endpoint", server.Client.BaseAddress!.AbsoluteUri)).Output;

        var found = JsonElement.Parse(findings).EnumerateArray().ToLookup(finding => finding.GetProperty("check").GetString()!);
        Assert.Equal("2 models with 3 versions: 2 available, 1 ready.", Assert.Single(found["models"]).GetProperty("finding").GetString());
        Assert.Equal("wrong", Assert.Single(found["broken/1 trial"]).GetProperty("verdict").GetString());
        Assert.Equal("ok", Assert.Single(found["good/1 trial"]).GetProperty("verdict").GetString());
        Assert.Empty(found["good/2 trial"]);
        Assert.All(found.SelectMany(group => group).Where(finding => finding.GetProperty("verdict").GetString() != "ok"),
            finding => Assert.NotEmpty(finding.GetProperty("fix").GetString()!));
    }

    [Fact]
    public async Task Doctor_SettingsWithoutEffectOrWrong_AreFoundOnceByServerAndStore()
    {
        const string Ignored = "metric_tags { key: \"a\" value: \"b\" }\n";
        _served.WriteScaling("good", 1, 2);
        _served.Write(Ignored, "good", "config.pbtxt");
        await using var server = await _served.ServeAsync();
        await server.WaitUntilReadyAsync();
        _served.WriteScaling("later", 1, 2);
        _served.Write(Ignored, "later", "config.pbtxt");
        var endpoint = server.Client.BaseAddress!.AbsoluteUri;

        var byServer = await CliProcess.RunAsync("doctor", "--endpoint", endpoint);
        var both = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", endpoint);
        var list = await CliProcess.RunSuccessfullyAsync("models", "list", "--endpoint", endpoint);
        var show = await CliProcess.RunSuccessfullyAsync("models", "show", "good", "--endpoint", endpoint);
        _served.Write("""{"vershions":{}}""", "good", "model.json");
        var wrong = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", endpoint);

        Assert.Equal((0, 0, 1), (byServer.ExitCode, both.ExitCode, wrong.ExitCode));
        Assert.Matches("good settings +warning +config.pbtxt:1:1: metric_tags: ", byServer.Output);
        Assert.Contains("\n\ngood has warnings: inferctl models show good\n", list, StringComparison.Ordinal);
        Assert.Contains("\n\nwarning: config.pbtxt:1:1: metric_tags: ", show, StringComparison.Ordinal);
        Assert.Equal(2, both.Output.Split("good settings").Length);
        Assert.Equal(2, both.Output.Split("later settings").Length);
        // The server or the store reports the settings, depending on whether the server has read them already.
        Assert.Matches(
            @"good( settings)? +wrong +(The settings of model good cannot be used\. )?model.json:1:14: \$\.vershions: ", wrong.Output);
        Assert.Equal(2, wrong.Output.Split("model.json:1:14").Length);
    }

    [Fact]
    public async Task Doctor_ModelsWithoutVersionFolders_AreTried()
    {
        _served.WriteScaling("made", 1, 2);
        var model = File.ReadAllBytes(_served.PathOf("made", "1", "model.onnx"));
        _served.Write(model, "flat", "onnx", "model.onnx");
        _served.Write(model, "bare.onnx");
        _served.Write("no model", "garbage.onnx");
        await using var server = await _served.ServeAsync();

        var result = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Matches("flat/1 trial +ok ", result.Output);
        Assert.Matches("bare/1 trial +ok ", result.Output);
        Assert.Matches("garbage/1 trial +wrong ", result.Output);
        Assert.Empty(result.Error);
        Assert.Contains("has 4 models with 4 versions", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The server serves neither the file nor the folder, so neither is checked further.</summary>
    [Fact]
    public async Task Doctor_BareFileBesideTheSameVersionInAFolder_IsOneFinding()
    {
        using var made = new ModelFolder();
        made.WriteScaling("made", 1, 2);
        var model = File.ReadAllBytes(made.PathOf("made", "1", "model.onnx"));
        // A push stores a manifest, which would be verified.
        await CliProcess.RunSuccessfullyAsync("models", "push", made.PathOf("made", "1"), "both", "--store", _served.Path);
        _served.Write(model, "both.onnx");
        _served.Write(model, "flat", "model.onnx");
        _served.Write(model, "flat.onnx");

        var findings =
            (await CliProcess.RunAsync("doctor", "--json", "--store", _served.Path, "--endpoint", "http://127.0.0.1:1")).Output;

        var found = JsonElement.Parse(findings).EnumerateArray().ToList();
        foreach (var name in (string[])["both", "flat"])
        {
            var finding = Assert.Single(found, finding =>
                finding.GetProperty("check").GetString()!.StartsWith(name, StringComparison.Ordinal));
            Assert.Equal("wrong", finding.GetProperty("verdict").GetString());
            Assert.Contains("are both version 1.", finding.GetProperty("finding").GetString(), StringComparison.Ordinal);
        }
    }

    public void Dispose() => _served.Dispose();
}
