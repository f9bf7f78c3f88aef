using System.Reflection;
using System.Text.RegularExpressions;

namespace Cli.Tests.Documents;

/// <summary>
/// A block of commands in the repository's Markdown files. The HTML comment before the block says how the block is tested. It is
/// <c>run</c>, <c>run as a server</c>, <c>run by: a test or a file</c>, or <c>not run: why</c>.
/// </summary>
/// <param name="Mark">The comment before the block; null when there is none.</param>
internal sealed partial record DocumentedBlock(string Page, int Line, bool IsSession, string? Mark, IReadOnlyList<string> Lines)
{
    private const string Prompt = "$ ";

    public static string Repository { get; } =
        typeof(DocumentedBlock).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Repository").Value!;

    public bool IsRun => Mark == "run";

    /// <summary>Whether the block starts a server. The server runs until the next block that starts one.</summary>
    public bool IsServer => Mark == "run as a server";

    public static IEnumerable<DocumentedBlock> All() =>
        ((string[])["", "docs", "samples"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository, folder), "*.md").Order(StringComparer.Ordinal))
            .SelectMany(Read);

    /// <summary>
    /// Returns the commands in order, each with the output that the page shows. A block that is not a session is one command without
    /// output.
    /// </summary>
    public IEnumerable<(string Command, List<string> Output)> Commands()
    {
        if (!IsSession)
        {
            yield return (string.Join('\n', Lines), []);
            yield break;
        }

        for (var index = 0; index < Lines.Count;)
        {
            var command = Lines[index++][Prompt.Length..];
            while (command.EndsWith('\\'))
                command += "\n" + Lines[index++];
            yield return (command, [.. Lines.Skip(index).TakeWhile(line => !line.StartsWith(Prompt, StringComparison.Ordinal))]);
            while (index < Lines.Count && !Lines[index].StartsWith(Prompt, StringComparison.Ordinal))
                index++;
        }
    }

    public override string ToString() => $"{Page}:{Line}";

    private static IEnumerable<DocumentedBlock> Read(string file)
    {
        var lines = File.ReadAllLines(file);
        for (var index = 0; index < lines.Length; index++)
        {
            if (Fence().Match(lines[index]) is not { Success: true } fence)
                continue;
            var content = lines.Skip(index + 1).TakeWhile(line => line != "```").ToList();
            var mark = index > 0 ? Comment().Match(lines[index - 1]) : Match.Empty;
            yield return new(
                Path.GetRelativePath(Repository, file), index + 1, fence.Groups[1].Value == "console",
                mark.Success ? mark.Groups[1].Value : null, content);
        }
    }

    [GeneratedRegex("^```(sh|bash|console)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^<!-- (.+) -->$")]
    private static partial Regex Comment();
}
