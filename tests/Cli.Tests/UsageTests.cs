namespace Cli.Tests;

/// <summary>Command lines that ask for help, and command lines that are wrong.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("inferctl [command] [options]")]
    [InlineData("inferctl [command] [options]", "help")]
    [InlineData("inferctl models [command] [options]", "models")]
    [InlineData("inferctl models [command] [options]", "help", "models")]
    [InlineData("inferctl models push <source> <name> [options]", "help", "models", "push")]
    [InlineData("inferctl jobs [command] [options]", "jobs", "--json")]
    public async Task Group_WithoutAVerb_PrintsItsHelp(string usage, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(arguments);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(usage, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_AsAVerb_IsThatOfTheOption()
    {
        Assert.Equal(await CliProcess.AskAsync("--version"), await CliProcess.AskAsync("version"));
    }

    [Theory]
    [InlineData("\"ls\" is not a command of inferctl models. Did you mean \"list\"? See inferctl models --help.", "models", "ls")]
    [InlineData(
        "\"delete\" is not a command of inferctl models. Did you mean \"remove\"? See inferctl models --help.", "models", "delete", "x")]
    [InlineData("\"modles\" is not a command of inferctl. Did you mean \"models\"? See inferctl --help.", "modles", "list", "--json")]
    [InlineData("\"nothing\" is not a command of inferctl jobs. Known here: cancel, ", "jobs", "nothing")]
    [InlineData("inferctl models push needs <source>, <name> and --store <", "models", "push")]
    [InlineData("inferctl models push needs <name> and --store <", "models", "push", "model.onnx")]
    [InlineData("inferctl predict needs <model>. See inferctl predict --help.", "predict", "--data", "1")]
    [InlineData("\"--dta\" is not an option of inferctl predict. Did you mean \"--data\"?", "predict", "iris", "--dta", "1")]
    [InlineData("\"nope\" is not a command of inferctl. Known here: ", "help", "nope")]
    [InlineData("\"xml\" is not a value of --format: it needs table|json|csv.", "predict", "iris", "--format", "xml")]
    [InlineData("\"abc\" is not a value of --batch: it needs a number.", "predict", "iris", "--batch", "abc")]
    [InlineData("--endpoint needs url.", "models", "list", "--endpoint")]
    [InlineData("\"b\" is one argument too many for inferctl predict.", "predict", "a", "b")]
    public async Task WrongUsage_TellsAllThatIsWrong(string message, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"inferctl: {message}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
