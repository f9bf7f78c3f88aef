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

        for (var at = 0; at < Lines.Count;)
        {
            var command = Lines[at++][Prompt.Length..];
            while (command.EndsWith('\\'))
                command += "\n" + Lines[at++];
            yield return (command, [.. Lines.Skip(at).TakeWhile(line => !line.StartsWith(Prompt, StringComparison.Ordinal))]);
            while (at < Lines.Count && !Lines[at].StartsWith(Prompt, StringComparison.Ordinal))
                at++;
        }
    }

    public override string ToString() => $"{Page}:{Line}";

    private static IEnumerable<DocumentedBlock> Read(string file)
    {
        var lines = File.ReadAllLines(file);
        for (var at = 0; at < lines.Length; at++)
        {
            if (Fence().Match(lines[at]) is not { Success: true } fence)
                continue;
            var content = lines.Skip(at + 1).TakeWhile(line => line != "```").ToList();
            var mark = at > 0 ? Comment().Match(lines[at - 1]) : Match.Empty;
            yield return new(
                Path.GetRelativePath(Repository, file), at + 1, fence.Groups[1].Value == "console",
                mark.Success ? mark.Groups[1].Value : null, content);
        }
    }

    [GeneratedRegex("^```(sh|bash|console)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^<!-- (.+) -->$")]
    private static partial Regex Comment();
}
