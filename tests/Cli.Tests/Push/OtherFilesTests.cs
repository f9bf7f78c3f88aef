using Functions.Tests;
using Inference.Testing;

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

    /// <summary>PyTorch's exporter writes the weights of a large model into a file beside the model file.</summary>
    [Fact]
    public async Task Push_ModelFileWithWeightsBesideIt_AsksForTheFolder()
    {
        TestModels.CopyTo("external", _made.PathOf("source"));

        var file = await CliProcess.RunAsync("models", "push", _made.PathOf("source", "model.onnx"), "m", "--store", _served.Path);
        var folder = await CliProcess.RunAsync("models", "push", _made.PathOf("source"), "m", "--store", _served.Path);

        Assert.Equal(2, file.ExitCode);
        Assert.Contains("has weights in other files, such as \"external.bin\", and a push of the model file leaves them out. Put the model "
            + "file and these files into a folder of their own, and push the folder.", file.Error, StringComparison.Ordinal);
        Assert.True(folder.ExitCode == 0, folder.Error);
        Assert.True(File.Exists(_served.PathOf("m", "1", "external.bin")));
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }
}
