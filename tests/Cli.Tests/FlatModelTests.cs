using Functions.Tests;

namespace Cli.Tests;

/// <summary>Commands for a store whose model has no version folders, or is a bare file.</summary>
public sealed class FlatModelTests : IDisposable
{
    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("onnx", "model.onnx")]
    public async Task Push_BesideAModelWithoutVersionFolders_IsRefusedAndHidesNothing(params string[] file)
    {
        _made.WriteScaling("made", 1, 2);
        _served.Write(File.ReadAllBytes(_made.PathOf("made", "1", "model.onnx")), ["flat", .. file]);
        _served.Write("{}", "flat", "config.json");

        var next = await PushAsync("flat");
        var first = await PushAsync("flat", "--version", "1");

        Assert.All((CliResult[])[next, first], result => Assert.Equal(1, result.ExitCode));
        Assert.Contains("\"flat/\" in ", next.Error, StringComparison.Ordinal);
        Assert.EndsWith("Move them to \"flat/1/\", or choose another name. Then push again.\n", next.Error, StringComparison.Ordinal);
        Assert.All(Directory.GetDirectories(_served.PathOf("flat")), folder => Assert.Equal("onnx", Path.GetFileName(folder)));
        await using var server = await _served.ServeAsync();
        var answer = await server.PostJsonAsync("/models/flat/predict", "{\"features\":[1,0,0,0]}");
        Assert.Equal(1, answer.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Push_BesideABareFile_BecomesVersion2()
    {
        _made.WriteScaling("made", 1, 2);
        _served.Write(File.ReadAllBytes(_made.PathOf("made", "1", "model.onnx")), "bare.onnx");

        var first = await PushAsync("bare", "--version", "1");
        var next = await PushAsync("bare");

        Assert.Equal(1, first.ExitCode);
        Assert.Contains("\"bare.onnx\" in ", first.Error, StringComparison.Ordinal);
        Assert.True(next.ExitCode == 0, next.Error);
        await using var server = await _served.ServeAsync();
        var versions = (await server.GetAsync("/models/bare")).GetProperty("versions");
        Assert.Equal([1, 2], versions.EnumerateArray().Select(version => version.GetProperty("version").GetInt32()));
        Assert.All(versions.EnumerateArray(), version => Assert.NotEqual("failed", version.GetProperty("state").GetString()));
    }

    /// <summary>A server serves neither of two models that are both version 1.</summary>
    [Fact]
    public async Task PullAndRemove_BareFileBesideAFolderOfVersion1_AreRefused()
    {
        _served.WriteScaling("both", 1, 2);
        _served.Write(File.ReadAllBytes(_served.PathOf("both", "1", "model.onnx")), "both.onnx");

        var highest = await CliProcess.RunAsync("models", "pull", "both", _made.PathOf("pulled"), "--store", _served.Path);
        var first = await CliProcess.RunAsync("models", "pull", "both", _made.PathOf("pulled"), "--version", "1", "--store", _served.Path);
        var removed = await CliProcess.RunAsync("models", "remove", "both", "--version", "1", "--yes", "--store", _served.Path);

        Assert.All((CliResult[])[highest, first, removed], result =>
        {
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("\"both.onnx\" and \"both/1/model.onnx\" are both version 1.", result.Error, StringComparison.Ordinal);
        });
        Assert.False(Directory.Exists(_made.PathOf("pulled")));
        Assert.True(File.Exists(_served.PathOf("both", "1", "model.onnx")));
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }

    private Task<CliResult> PushAsync(string name, params string[] options) =>
        CliProcess.RunAsync(["models", "push", _made.PathOf("made", "1"), name, "--store", _served.Path, .. options]);
}
