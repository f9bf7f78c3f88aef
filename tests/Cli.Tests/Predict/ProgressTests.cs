using System.Text;
using Inference.Testing;

namespace Cli.Tests.Predict;

/// <summary>Tests the progress of a command, which is drawn on a terminal only.</summary>
public sealed class ProgressTests : IDisposable
{
    private const string Duration = @"(\d+\.\d s|\d+ min \d+ s)";

    private readonly TempFolder _folder = new();
    private readonly HttpDouble _server = new(context =>
    {
        var isPrediction = context.Request.HttpMethod == "POST";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(isPrediction ? """{"predictions":[[0]]}""" : "{}"));
    });

    [Theory]
    [InlineData(1, "1 item")]
    [InlineData(20, "20 items")]
    public async Task Progress_InAPipe_IsOneLineAtTheEnd(int items, string amount)
    {
        var result = await CliProcess.RunAsync(CreateCommand(items));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Matches($@"^predicting: {amount} in {Duration}\n$", result.Error);
    }

    [Fact]
    public async Task Progress_OnATerminal_HasTheRateAndTheRemainingTime()
    {
        var result = await CliProcess.RunInTerminalAsync(CliProcess.TerminalWidth, environment: null, CreateCommand(20));

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Matches(@"\rpredicting \[#\.+\] 5% 1 item/20 items \d+ items?/s, (\d+ h|\d+ min|(\d+ min )?\d+ s) left", result.Output);
        Assert.Matches($@"\rpredicting \[#+\] 100% 20 items/20 items in {Duration}", result.Output);
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    /// <summary>Creates the command that predicts a file, one item per request.</summary>
    private string[] CreateCommand(int items)
    {
        File.WriteAllText(_folder.Combine("x.csv"), string.Concat(Enumerable.Repeat("1,2\n", items)));
        return ["predict", "m", "--file", _folder.Combine("x.csv"), "--batch", "1", "--json", "--endpoint", _server.Address];
    }
}
