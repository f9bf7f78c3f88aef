using System.Diagnostics;

namespace Functions.Tests;

public sealed class StartupMessageTests
{
    [Fact]
    public async Task Start_ByHand_PrintsACallThatWorksWhenPasted()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await process.WaitForOutputAsync("digits/predict");
        var line = process.Output.Split('\n').Single(line => line.Contains("digits/predict", StringComparison.Ordinal));

        using var shell =
            Process.Start(new ProcessStartInfo("bash", ["-c", line.Trim() + " --silent --fail"]) { RedirectStandardOutput = true })!;
        var response = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Equal(0, shell.ExitCode);
        Assert.Contains("\"labels\":[[{\"label\":\"7\"", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http__MaxBodySize", "much")]
    [InlineData("Models__Source", "blob:")]
    public async Task Start_SettingCannotBeUsed_NamesItAndEnds(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => FunctionsProcess.StartAsync((setting, value)));

        Assert.Contains("ended with 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", exception.Message, StringComparison.Ordinal);
    }
}
