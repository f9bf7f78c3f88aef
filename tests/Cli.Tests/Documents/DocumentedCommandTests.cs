using System.Text.RegularExpressions;
using Inference.Testing;

namespace Cli.Tests.Documents;

/// <summary>
/// Runs the commands of README.md and docs, and compares their output with the pages. Each block runs here in the order of its page, or
/// names the test that runs it, or says why it does not run.
/// </summary>
public sealed partial class DocumentedCommandTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string RunBy = "run by: ";
    private const string NotRun = "not run: ";

    public static TheoryData<string> Pages => [.. DocumentedBlock.All().Where(block => block.IsRun).Select(block => block.Page).Distinct()];

    [Fact]
    public void EveryBlock_IsRunOrSaysWhyNot()
    {
        var blocks = DocumentedBlock.All().ToList();
        Assert.True(blocks.Count > 40, $"{blocks.Count} blocks are found.");
        var sources = string.Concat(
            Directory.EnumerateFiles(Path.Combine(DocumentedBlock.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories)
                .Select(File.ReadAllText));

        Assert.DoesNotContain(blocks, block => !block.IsRun && !block.IsServer && !IsExplained(block.Mark, sources));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_Commands_PrintTheDocumentedOutput(string page)
    {
        var blocks = DocumentedBlock.All().Where(block => block.Page == page).ToList();
        await using var reader = new DocumentReader(azurite.ConnectionString);
        if (!blocks.Exists(block => block.IsServer))
            await reader.ServeShippedAsync();

        foreach (var block in blocks)
        {
            if (block.IsServer)
                await reader.ServeAsync(string.Join('\n', block.Lines));
            else if (block.IsRun)
                await RunAsync(reader, block);
        }
    }

    /// <summary>
    /// Checks that the quick start covers each step from a scikit-learn model to a prediction, a new version, a rollback, a load test and a
    /// queue. The test above runs the commands as they are written.
    /// </summary>
    [Fact]
    public void QuickStart_HasEveryStepOfAStrangersHour()
    {
        string[] steps =
        [
            "dotnet run --project src/Functions", "samples/train_flowers.py export\n", "models push export flowers --store served --load",
            "/models/flowers/predict", "samples/train_flowers.py export 10\n", "models push export flowers --store served --load",
            "models remove flowers --version 2", "bench flowers", "artifacts/app/Functions --urls", "--store blob:models --create",
            "Models__Source=blob:models artifacts/app/Functions", "jobs submit", "samples/enqueue.py", "--store blob:models --load",
            "models remove iris --version 2",
        ];
        var commands = string.Concat(DocumentedBlock.All()
            .Where(block => block.Page == "docs/quickstart.md" && (block.IsRun || block.IsServer))
            .SelectMany(block => block.Commands()).Select(command => $"{command.Command}\n"));

        var at = 0;
        Assert.All(steps, step => Assert.NotEqual(-1, at = commands.IndexOf(step, Math.Max(at, 0), StringComparison.Ordinal)));
    }

    private static async Task RunAsync(DocumentReader reader, DocumentedBlock block)
    {
        foreach (var (command, output) in block.Commands())
        {
            var printed = await reader.RunAsync(command);
            Assert.True(
                Expected(output.Select(reader.WithAddress)).IsMatch(Whitespace().Replace(printed, "")),
                $"{block} has another output than this of\n{command}\n{printed}");
        }
    }

    private static bool IsExplained(string? mark, string sources) =>
        mark is not null
        && (mark.StartsWith(NotRun, StringComparison.Ordinal)
            || (mark.StartsWith(RunBy, StringComparison.Ordinal)
                && mark[RunBy.Length..]
                    .Split(", ")
                    .All(name => sources.Contains($" class {name}", StringComparison.Ordinal)
                        || File.Exists(Path.Combine(DocumentedBlock.Repository, name)))));

    /// <summary>
    /// Creates an expression for the lines of the page in order. Whitespace does not count, three dots match any text, and a duration
    /// matches any duration.
    /// </summary>
    private static Regex Expected(IEnumerable<string> lines) => new(
        string.Join(".*?",
            lines.Select(line =>
                Time().Replace(
                    Regex.Escape(Whitespace().Replace(line, "")).Replace(@"\.\.\.", ".*?", StringComparison.Ordinal), @"[\d.]+s"))),
        RegexOptions.Singleline);

    [GeneratedRegex(@"\s")]
    private static partial Regex Whitespace();

    [GeneratedRegex(@"\d+\\\.\d+s")]
    private static partial Regex Time();
}
