using Functions.Tests;

namespace Cli.Tests.Errors;

/// <summary>Tests the answers to a confirmation on a terminal.</summary>
public sealed class ConfirmationTests : IDisposable
{
    private readonly ModelFolder _served = new();

    [Theory]
    [InlineData("y", true)]
    [InlineData("Yes", true)]
    [InlineData("n", false)]
    [InlineData("", false)]
    public async Task Answer_ToAConfirmation_DecidesAndIsReported(string answer, bool isRemoved)
    {
        _served.WriteScaling("m", 1, 2);

        var result = await CliProcess.RunInTerminalWithLineAsync(
            answer, "models", "remove", "m", "--version", "1", "--store", _served.Path);

        Assert.True(result.ExitCode == (isRemoved ? 0 : 1), result.Output);
        Assert.Contains(
            isRemoved ? "m/1 is removed from" : "Nothing is changed, because the answer is not yes.",
            CliProcess.GetScreenText(result), StringComparison.Ordinal);
        Assert.Equal(!isRemoved, File.Exists(_served.PathOf("m", "1", "model.onnx")));
    }

    public void Dispose() => _served.Dispose();
}
