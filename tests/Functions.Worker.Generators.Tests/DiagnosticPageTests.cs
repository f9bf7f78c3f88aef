using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Tests;

/// <summary>docs/diagnostics has a page for each rule. Its first example has the error, and its second example compiles.</summary>
public sealed partial class DiagnosticPageTests
{
    private static readonly string Folder =
        typeof(DiagnosticPageTests).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "DiagnosticPages").Value!;

    private static readonly IEnumerable<string> RuleIds =
        typeof(Rules)
            .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => ((DiagnosticDescriptor)field.GetValue(null)!).Id);

    public static TheoryData<string> Ids => [.. RuleIds];

    [Fact]
    public void Pages_AreOfRules() => Assert.Equal(
        RuleIds.Select(id => id + ".md").Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_Examples_HaveTheErrorAndNone(string id)
    {
        var examples =
            CodeBlock().Matches(File.ReadAllText(Path.Combine(Folder, id + ".md"))).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(2, examples.Count);
        var invalidExample = new GeneratorRun(examples[0]);
        Assert.Equal(id, Assert.Single(invalidExample.Diagnostics.AddRange(invalidExample.AnalyzerDiagnostics)).Id);
        var corrected = new GeneratorRun(examples[1]);
        Assert.Empty(corrected.Diagnostics);
        Assert.Empty(corrected.AnalyzerDiagnostics);
        Assert.Empty(corrected.CompilerDiagnostics);
    }

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
