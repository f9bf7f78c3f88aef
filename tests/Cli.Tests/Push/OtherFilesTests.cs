using Functions.Tests;

namespace Cli.Tests.Push;

/// <summary>Tests pushes of folders with files of other tools, which a server does not read.</summary>
public sealed class OtherFilesTests : IDisposable
{
    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    [Theory]
    [InlineData("config.json", "{\"sklearn\":{\"columns\":[\"a\"]}}")]
    [InlineData("trainer_state.json", "{\"loss\":NaN}")]
    [InlineData("log.json", "{}\n{}\n")]
    [InlineData("tokenizer_config.json", "// none\n{}")]
    public async Task Push_FileThatIsNotRead_IsStored(string file, string content)
    {
        _made.WriteScaling("source", 1, 2);
        _made.Write(content, "source", "1", file);

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(content, await File.ReadAllTextAsync(_served.PathOf("m", "1", file)));
    }

    /// <summary>Hidden files can have keys, or the history of the folder.</summary>
    [Fact]
    public async Task Push_FolderWithHiddenFiles_LeavesThemOut()
    {
        _made.WriteScaling("source", 1, 2);
        _made.Write("KEY=1", "source", "1", ".env");
        _made.Write("[core]", "source", "1", ".git", "config");
        _made.Write("a\nb\nc\nd\n", "source", "1", "labels.txt");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("2 files of other variants, formats and tools, or with a hidden name, are not pushed.", result.Error,
            StringComparison.Ordinal);
        Assert.Equal(
            ["labels.txt", "model.onnx", "model.sha256"],
            Directory.GetFileSystemEntries(_served.PathOf("m", "1")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(".env", await File.ReadAllTextAsync(_served.PathOf("m", "1", "model.sha256")), StringComparison.Ordinal);
    }

    /// <summary>The manifest lists all files, so a push without the hidden ones would not match it.</summary>
    [Fact]
    public async Task Push_HiddenFileOfAManifest_IsStored()
    {
        _made.WriteScaling("source", 1, 2);
        _made.Write("note", "source", "1", ".note");
        _made.Shell("source/1", "sha256sum model.onnx .note > ../model.sha256 && mv ../model.sha256 .");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(File.Exists(_served.PathOf("m", "1", ".note")));
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("model.json")]
    [InlineData("model.sha256")]
    public async Task Push_FolderWithAPipe_IsRefused(string name)
    {
        _made.WriteScaling("source", 1, 2);
        _made.Shell("source/1", $"mkfifo {name}");

        var folder = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path);
        var file = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1", name), "m", "--store", _served.Path);

        Assert.All((CliResult[])[folder, file], result => Assert.Equal(2, result.ExitCode));
        Assert.All((CliResult[])[folder, file], result =>
            Assert.Contains("is neither a file nor a folder, but a pipe", result.Error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    [Fact]
    public async Task Push_FolderWithAnotherFileAsStatement_IsRefused()
    {
        _made.WriteScaling("source", 1, 2);
        _made.Write("hello", "source", "1", "model.sig");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "1"), "m", "--store", _served.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("model.sig is not a signed statement. Sign the folder again, or delete", result.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }
}
