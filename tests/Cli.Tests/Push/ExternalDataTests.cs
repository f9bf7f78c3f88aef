using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Push;

/// <summary>Tests pushes of models whose weights are in other files.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

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
