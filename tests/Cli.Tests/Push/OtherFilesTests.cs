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

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }
}
