namespace Architecture.Tests;

/// <summary>Fails a test with a list of all violations of a rule.</summary>
internal static class Violations
{
    public static void AssertNone(string rule, IEnumerable<string> violations)
    {
        var lines = violations.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, $"{rule} Violations ({lines.Count}):\n  {string.Join("\n  ", lines)}");
    }
}
