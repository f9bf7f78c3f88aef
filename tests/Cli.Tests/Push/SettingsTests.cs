using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Push;

/// <summary>Tests pushes of folders with settings, which a server reads beside the versions of a model only.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Settings = """{"batching":{"contract":"none"}}""";

    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    public SettingsTests() => _made.WriteScaling("source", 1, 2);

    [Theory]
    [InlineData("model.json", Settings)]
    [InlineData("config.pbtxt", "max_batch_size: 0\n")]
    [InlineData("versions.json", """{"labels":{"stable":1}}""")]
    public async Task Push_OfSettings_StoresThemBesideTheVersions(string file, string content)
    {
        _made.Write(content, "source", "1", file);

        var first = await PushAsync();
        var again = await PushAsync("--version", "1");
        var second = await PushAsync();

        Assert.All((CliResult[])[first, again, second], result => Assert.True(result.ExitCode == 0, result.Error));
        Assert.Contains($"{file} is stored as m/{file}, and applies to all versions of m.", first.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("is stored as", second.Error, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_served.PathOf("m", file)));
        Assert.False(File.Exists(_served.PathOf("m", "1", file)));
        Assert.True(File.Exists(_served.PathOf("m", "2", "model.onnx")));
    }

    /// <summary>Settings can leave out all other versions, so they must not be in force while the new one is copied.</summary>
    [Theory]
    [InlineData("weights.bin")]
    [InlineData("model.onnx")]
    public async Task Push_ThatFailsWhileItCopies_StoresNoSettings(string file)
    {
        _made.Write(Settings, "source", "1", "model.json");
        _made.Write("weights", "source", "1", "weights.bin");
        // The copy fails, because its temporary name is that of a folder.
        Directory.CreateDirectory(_served.PathOf("m", "1", $"{file}.part"));

        var result = await PushAsync("--version", "1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{file}.part", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_served.PathOf("m", "model.json")));
    }

    /// <summary>The settings of the store are those of other versions, too.</summary>
    [Fact]
    public async Task Push_OfOtherSettingsThanTheStoreHas_IsRefused()
    {
        _served.Write("{}", "m", "model.json");
        _made.Write(Settings, "source", "1", "model.json");

        var result = await PushAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("model.json\" differs from \"m/model.json\" in ", result.Error, StringComparison.Ordinal);
        Assert.Contains("Copy the file there, or remove it from the folder, and push again.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m", "1")));
        Assert.Equal("{}", await File.ReadAllTextAsync(_served.PathOf("m", "model.json")));
    }

    [Theory]
    [InlineData("model.json")]
    [InlineData("config.pbtxt")]
    [InlineData("versions.json")]
    [InlineData("settings.sig")]
    public async Task Push_OfLinkedSettings_IsRefused(string file)
    {
        _made.Write(Settings, "secret");
        File.CreateSymbolicLink(_made.PathOf("source", "1", file), _made.PathOf("secret"));

        var result = await PushAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{file} is a link; a model's files must be in its folder.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    [Theory]
    [InlineData("../../secret", "is a link that leads out of")]
    [InlineData("../../blobs/none", "is a link that leads nowhere")]
    public async Task Push_OfASnapshotWhoseSettingsLinkElsewhere_IsRefused(string target, string message)
    {
        _made.Write("{}", "source", "secret");
        _made.Write("", "source", "blobs", "3f1a");
        _made.Shell("source", $"mkdir -p snapshots && mv 1 snapshots/1 && ln -s {target} snapshots/1/model.json");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "snapshots", "1"), "m", "--store", _served.Path);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    /// <summary>The settings apply to the trial run, so a task without its files is found before anything is stored.</summary>
    [Theory]
    [InlineData("""{"task":"text-classification"}""", "tokenizer.json")]
    [InlineData("""{"file":"other.onnx"}""", "other.onnx")]
    [InlineData("""{"lifecycle":{"warmup":[{"request":{"features":[1,2]}}]}}""", "model.json:1:")]
    [InlineData("""{"remote":{"kind":"open-inference","url":"http://127.0.0.1:1"}}""", "$.remote: The key names a server")]
    [InlineData("""{"versions":{"serve":{"specific":[7]}}}""", "which does not exist. After the push, the store would have version 1.")]
    [InlineData("""{"versions":{"minimum":5}}""", "the highest version that its settings serve is 1, and the minimum is 5.")]
    [InlineData("""{"versions":{"traffic":[{"version":7,"percent":100}]}}""", "None of its versions is served")]
    [InlineData("""{"traffic":[{"version":7,"percent":100}]}""", "None of its versions is served", "versions.json")]
    [InlineData("input [ { name: \"y\" data_type: TYPE_FP32 dims: [ 1, 4 ] } ]", "The model has no input \"y\"", "config.pbtxt")]
    public async Task Push_OfSettingsThatTheModelDoesNotFit_IsRefused(string settings, string message, string file = "model.json")
    {
        _made.Write(settings, "source", "1", file);
        _made.Write("x", "source", "1", "more.onnx");

        var result = await PushAsync();

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    /// <summary>The settings beside the versions leave out a version that a label or the push names.</summary>
    [Theory]
    [InlineData(
        "m/2 is in ", """{"versions":{"serve":{"latest":1},"labels":{"stable":1}}}""",
        "warning: model.json: $.versions.labels.stable: It points at version 1, which is not served. The settings serve only version 2.")]
    [InlineData(
        "but the settings of m do not serve it.", """{"versions":{"serve":{"specific":[1]}}}""",
        "warning: model.json: The settings of the model serve only version 1.")]
    public async Task Push_ThatLeavesAVersionUnserved_Warns(string text, string settings, string warning)
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write(settings, "m", "model.json");

        var result = await PushAsync();

        Assert.True(result.ExitCode == 0, result.Error);
        AssertText.Contains(text, result.Output);
        Assert.Contains(warning, result.Output, StringComparison.Ordinal);
    }

    /// <summary>Without a policy, config.pbtxt serves only the latest version, as in Triton.</summary>
    [Theory]
    [InlineData("config.pbtxt", "max_batch_size: 0\n",
        "warning: config.pbtxt: The new settings no longer serve versions 1 and 2. To serve them, change \"version_policy\" in "
        + "config.pbtxt.")]
    [InlineData("model.json", """{"versions":{"serve":{"specific":[1,3]}}}""",
        "warning: model.json: The new settings no longer serve version 2. To serve it, change \"versions.serve\" in model.json.")]
    [InlineData("model.json", """{"versions":{"minimum":2}}""",
        "warning: model.json: The new settings no longer serve version 1. To serve it, change the minimum, which is 2:")]
    public async Task Push_OfSettingsThatServeFewerVersions_Warns(string file, string settings, string warning)
    {
        _served.WriteScaling("m", 1, 2);
        _served.WriteScaling("m", 2, 3);
        _made.Write(settings, "source", "1", file);

        var first = await PushAsync();
        var next = await PushAsync();

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains(warning, first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("The new settings", next.Output, StringComparison.Ordinal);
    }

    /// <summary>A server reads none of these settings, so it would not load the pushed version.</summary>
    [Theory]
    [InlineData("model.json", false, "\"m/model.json\" is a folder; a file is expected.")]
    [InlineData("versions.json", false, "\"m/versions.json\" is a folder; a file is expected.")]
    [InlineData("config.pbtxt", false, "\"m/config.pbtxt\" is a folder; a file is expected.")]
    [InlineData("model.json", true, "\"m/model.json\" has 1048577 bytes; at most 1048576 are read.")]
    [InlineData("versions.json", true, "\"m/versions.json\" has 1048577 bytes; at most 1048576 are read.")]
    public async Task Push_WithStoredSettingsThatNoServerReads_IsRefused(string name, bool isLarge, string message)
    {
        if (isLarge)
            _served.Write($"{{}}{new string(' ', (1 << 20) - 1)}", "m", name);
        else
            Directory.CreateDirectory(_served.PathOf("m", name));

        var result = await PushAsync();

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m", "1")));
    }

    [Theory]
    [InlineData("model.json")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("labels.txt")]
    public async Task Push_OfAFolderWithTheNameOfAFile_IsRefused(string name)
    {
        Directory.CreateDirectory(_made.PathOf("source", "1", name));

        var result = await PushAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{name}\" is a folder; a file is expected.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }

    private Task<CliResult> PushAsync(params string[] options) =>
        CliProcess.RunAsync(["models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path, .. options]);
}
