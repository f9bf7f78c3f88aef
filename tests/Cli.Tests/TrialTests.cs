using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Models that crash the process that loads or runs them. The command reports the crash and continues.</summary>
public sealed class TrialTests : IDisposable
{
    private readonly ModelFolder _served = new();

    [Theory]
    [InlineData("crashing_load")]
    [InlineData("crashing_on_zeros")]
    public async Task Push_ModelThatCrashes_IsRefusedWithTheSignal(string model)
    {
        var result = await CliProcess.RunAsync("models", "push", TestModels.Path(model), "m", "--store", _served.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("inferctl: The process that tried m/1 crashed (SIGFPE). The same model could end or block a server, so it is refused.\n",
            result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    [Fact]
    public async Task Push_LoadOnly_DoesNotRunTheModel() =>
        await CliProcess.RunSuccessfullyAsync("models", "push", TestModels.Path("crashing_on_zeros"), "m", "--load-only", "--store", _served.Path);

    [Fact]
    public async Task Doctor_ModelThatCrashes_IsWrong()
    {
        _served.Write(File.ReadAllBytes(TestModels.Path("crashing_on_zeros")), "m", "1", "model.onnx");
        _served.WriteScaling("scaling", 1, 2);
        await using var server = await _served.ServeAsync();

        var result = await CliProcess.RunAsync("doctor", "--store", _served.Path, "--endpoint", server.Client.BaseAddress!.AbsoluteUri);

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"m/1 trial +wrong +.*crashed \(SIGFPE\)", result.Output);
        Assert.Matches("scaling/1 trial +ok ", result.Output);
    }

    public void Dispose() => _served.Dispose();
}
