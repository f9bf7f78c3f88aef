using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cli.Tests.Documents;

public sealed partial class DocumentationTests
{
    /// <summary>Finds commands and options in docs/cli.md that no longer exist.</summary>
    [Fact]
    public async Task Docs_EveryCommandAndOption_IsThere()
    {
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(DocumentedBlock.Repository, "docs", "cli.md")))
            .GroupBy(match => match.Groups["path"].Value.Trim(), match => match.Groups["rest"].Value)
            .ToList();
        Assert.True(commands.Count >= 12, $"{commands.Count} commands are found.");

        foreach (var command in commands)
        {
            var help = await CliProcess.RunSuccessfullyAsync([.. command.Key.Split(' '), "--help"]);
            Assert.Matches($@"inferctl {command.Key}( |$)", help);
            foreach (var option in command.SelectMany(rest => Option().Matches(rest)))
                Assert.Contains(option.Value, help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Docs_OfTheCommandLine_ShowEveryCommand()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(DocumentedBlock.Repository, "docs", "cli.md"));

        var missing = (await UsageTests.CommandsAsync()).FindAll(command => !page.Contains(command, StringComparison.Ordinal));

        Assert.True(missing.Count == 0, $"Describe these commands in docs/cli.md: {string.Join(", ", missing)}.");
    }

    /// <summary>
    /// The first build takes a minute. During a build, <c>dotnet run</c> prints nothing unless the launch profile enables messages.
    /// </summary>
    [Fact]
    public async Task DotnetRun_OfTheServer_SaysThatItBuilds()
    {
        var settings = await File.ReadAllTextAsync(
            Path.Combine(DocumentedBlock.Repository, "src", "Functions", "Properties", "launchSettings.json"));

        Assert.All(JsonElement.Parse(settings).GetProperty("profiles").EnumerateObject(), profile =>
            Assert.True(profile.Value.GetProperty("dotnetRunMessages").GetBoolean(), profile.Name));
    }

    [GeneratedRegex(@"^\$ inferctl (?<path>(models|jobs|poison) \w+|\w+)(?<rest>.*)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();
}
