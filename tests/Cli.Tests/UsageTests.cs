using System.Diagnostics;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Tests help, and the errors of wrong command lines.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("inferctl [command] [options]")]
    [InlineData("inferctl [command] [options]", "help")]
    [InlineData("inferctl models [command] [options]", "models")]
    [InlineData("inferctl models [command] [options]", "help", "models")]
    [InlineData("inferctl models push <source> <name> [options]", "help", "models", "push")]
    [InlineData("inferctl models push <source> <name> [options]", "models", "help", "push")]
    [InlineData("inferctl jobs [command] [options]", "jobs", "help")]
    [InlineData("inferctl [command] [options]", "help", "help")]
    [InlineData("inferctl jobs [command] [options]", "jobs", "--json")]
    public async Task Group_WithoutAVerb_PrintsItsHelp(string usage, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(arguments);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        AssertText.Contains(usage, result.Output);
    }

    [Fact]
    public async Task Version_AsAVerb_IsThatOfTheOption()
    {
        Assert.Equal(await CliProcess.RunSuccessfullyAsync("--version"), await CliProcess.RunSuccessfullyAsync("version"));
    }

    /// <summary>Returns all commands, such as <c>inferctl models push</c>, as shell completion lists them.</summary>
    internal static async Task<List<string>> VerbsAsync(string command = "inferctl")
    {
        string[] groups = ["inferctl", "inferctl models", "inferctl jobs", "inferctl poison"];
        if (!groups.Contains(command))
            return [command];
        var line = string.Concat(command.Split(' ')[1..].Select(word => $"{word} "));
        var offered = await CliProcess.RunSuccessfullyAsync($"[suggest:{line.Length}]", line);
        List<string> found = [command];
        foreach (var verb in offered.Split('\n').Where(word => word.Length > 0 && word.All(char.IsAsciiLetterLower)))
            found.AddRange(await VerbsAsync($"{command} {verb}"));
        return found;
    }

    /// <summary>Returns the commands that are not groups of commands.</summary>
    internal static async Task<List<string>> CommandsAsync()
    {
        var verbs = await VerbsAsync();
        return verbs.FindAll(verb => !verbs.Exists(other => other.StartsWith(verb + " ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Help_OfEachCommand_EndsWithExamplesThatAreRight()
    {
        var verbs = await VerbsAsync();
        Assert.True(verbs.Count > 20, string.Join(", ", verbs));
        foreach (var verb in verbs)
        {
            var help = await CliProcess.RunSuccessfullyAsync([.. verb.Split(' ')[1..], "--help"]);
            var examples = help.Split("Examples:\n")[^1].TrimEnd().Split('\n');
            Assert.All(examples, example => Assert.Contains(verb, example, StringComparison.Ordinal));
            Assert.All(examples, example => Assert.Equal("", WrongIn(example)));
        }
    }

    [Theory]
    [InlineData("\"ls\" is not a command of inferctl models. Did you mean \"list\"? See inferctl models --help.", "models", "ls")]
    [InlineData(
        "\"delete\" is not a command of inferctl models. Did you mean \"remove\"? See inferctl models --help.", "models", "delete", "x")]
    [InlineData("\"modles\" is not a command of inferctl. Did you mean \"models\"? See inferctl --help.", "modles", "list", "--json")]
    [InlineData("\"ls\" is not a command of inferctl. Did you mean \"models list\"? See inferctl --help.", "ls")]
    [InlineData("\"push\" is not a command of inferctl. Did you mean \"models push\"?", "push", "x", "y")]
    [InlineData("\"Rm\" is not a command of inferctl. Did you mean \"models remove\"?", "Rm")]
    [InlineData("\"run\" is not a command of inferctl. Did you mean \"predict\"?", "run")]
    [InlineData("\"nothing\" is not a command of inferctl jobs. Known here: cancel, ", "jobs", "nothing")]
    [InlineData("inferctl models push needs <source>, <name> and --store <", "models", "push")]
    [InlineData("inferctl models push needs <name> and --store <", "models", "push", "model.onnx")]
    [InlineData("inferctl predict needs <model>. See inferctl predict --help.", "predict", "--data", "1")]
    [InlineData("\"--dta\" is not an option of inferctl predict. Did you mean \"--data\"?", "predict", "iris", "--dta", "1")]
    [InlineData("\"nope\" is not a command of inferctl. Known here: ", "help", "nope")]
    [InlineData("\"xml\" is not a value of --format: it needs table|json|csv.", "predict", "iris", "--format", "xml")]
    [InlineData("\"abc\" is not a value of --batch: it needs a number.", "predict", "iris", "--batch", "abc")]
    [InlineData("--data is given 2 times. Give it once. See inferctl predict --help.", "predict", "a", "--data", "1", "--data", "2")]
    [InlineData("--limit is given 3 times. Give it once.", "jobs", "list", "--limit", "1", "--limit", "2", "--limit", "x")]
    [InlineData("\"--data\" is before its command. Write it after \"inferctl predict\".", "--data", "[1]", "predict", "a")]
    [InlineData("\"--data\" is not an option after \"--\". Write it before \"--\".", "predict", "a", "--", "--data", "[1]")]
    [InlineData("--endpoint needs url.", "models", "list", "--endpoint")]
    [InlineData("\"b\" is one argument too many for inferctl predict.", "predict", "a", "b")]
    [InlineData("\"maybe\" is not a value of --header: it needs true|false.", "predict", "a", "--header", "maybe")]
    [InlineData("\"yes\" is not a value of --header: it needs true|false.", "predict", "yes", "--header", "yes")]
    [InlineData("\"fish\" is not a value of <shell>: it needs bash|pwsh|zsh.", "completion", "fish")]
    [InlineData("\"x\" is not a value of --limit: it needs a number.", "jobs", "list", "--limit", "x")]
    [InlineData("<model> is empty. See inferctl predict --help.", "predict", "", "--data", "1")]
    [InlineData("<id> is empty.", "jobs", "get", "")]
    [InlineData("--version is empty.", "predict", "a", "--data", "1", "--version", "")]
    [InlineData("--endpoint is empty.", "models", "list", "--endpoint", "")]
    [InlineData("The key from --key or INFERCTL_KEY contains a space", "models", "list", "--key", "a\nb")]
    [InlineData("The key from --key or INFERCTL_KEY contains a space", "models", "list", "--key", "\u00FC")]
    [InlineData(
        "--concurrency: \"1000000\" is invalid; write whole numbers of callers up to 10000, with commas between them, as in 1,4,16.",
        "bench", "a", "--concurrency", "1,1000000")]
    [InlineData("--data and --file exclude each other. Give one input.", "predict", "a", "--data", "1", "--file", "x.csv")]
    [InlineData("--data is not JSON: ", "predict", "a", "--data", "[not\njson] x")]
    [InlineData("--json and --format exclude each other.", "predict", "a", "--data", "1", "--format", "csv", "--json")]
    [InlineData("--data and --text and --file exclude each other.", "predict", "a", "--data", "1", "--file", "x.csv", "--text", "t")]
    [InlineData("--header is for the first line of a CSV file: add --file.", "predict", "a", "--data", "1", "--header", "true")]
    public async Task WrongUsage_NamesAllProblems(string message, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"inferctl: {message}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    /// <summary>
    /// Returns the usage error of an example; empty when the example is valid. The added --help keeps the command from running.
    /// </summary>
    private static string WrongIn(string example)
    {
        using var bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", $"inferctl() {{ \"{CliProcess.Executable}\" \"$@\" --help > /dev/null; }}\n{example}"])
            {
                RedirectStandardError = true,
            })!;
        return bash.StandardError.ReadToEnd();
    }
}
