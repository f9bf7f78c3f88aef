using System.Text.RegularExpressions;

namespace Architecture.Tests;

public sealed partial class TestClassTests
{
    private static readonly string Tests = Path.GetFullPath(Path.Combine("..", "tests"), SourceProject.Root);

    /// <summary>xunit 2 ends a test class through IDisposable or IAsyncLifetime. It never calls IAsyncDisposable.</summary>
    [Fact]
    public void TestClasses_AreEndedByXunit()
    {
        var classes = Directory.EnumerateFiles(Tests, "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(path => TestClass().Matches(File.ReadAllText(path)))
            .ToList();

        Assert.NotEmpty(classes);
        Violations.AssertNone(
            "Test classes implement IAsyncLifetime or IDisposable, because xunit does not call IAsyncDisposable.",
            from declared in classes
            where declared.Groups["interfaces"].Value.Contains("IAsyncDisposable", StringComparison.Ordinal)
            select $"{declared.Groups["class"].Value} implements IAsyncDisposable.");
    }

    [GeneratedRegex(@"^public sealed (partial )?class (?<class>\w+Tests)\b(?<interfaces>[^{]*)", RegexOptions.Multiline)]
    private static partial Regex TestClass();
}
