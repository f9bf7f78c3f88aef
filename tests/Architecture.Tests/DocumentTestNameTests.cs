using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>
/// Checks that the tests that documents name exist. A document names the test that checks a statement. Without this check, a renamed or
/// deleted test would leave the statement unchecked.
/// </summary>
public sealed partial class DocumentTestNameTests
{
    private static readonly string Root = Path.GetFullPath("..", SourceProject.Root);

    [Fact]
    public void Documents_NameTests_ThatExist()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(path => Path.GetFileNameWithoutExtension(path)!, File.ReadAllText);
        var named = Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md"))
            .SelectMany(path => NamedTest().Matches(File.ReadAllText(path)).Select(match => (Document: Path.GetFileName(path), match)))
            .ToList();

        Assert.NotEmpty(named);
        Assert.Empty(
            from name in named
            let method = name.match.Groups["method"].Value
            where !sources[name.match.Groups["class"].Value]
                .Any(source => method.Length == 0 || source.Contains($" {method}(", StringComparison.Ordinal))
            select $"{name.Document} names {name.match.Value}, which does not exist.");
    }

    [GeneratedRegex(@"`(?<class>[A-Z]\w*Tests)(?:\.(?<method>\w+))?`")]
    private static partial Regex NamedTest();
}
