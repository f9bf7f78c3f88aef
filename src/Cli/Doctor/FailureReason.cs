namespace Cli.Doctor;

/// <summary>Recognizes failures of a trial on this machine that are about the settings of a model.</summary>
internal static class FailureReason
{
    /// <summary>The parts of reasons that are about the settings of a model. The place and the problem follow.</summary>
    private static readonly string[] OfSettings = ["does not match its settings", "fails its warm-up on the sample at"];

    /// <summary>Whether the reason is a file of settings that contradicts a model.</summary>
    public static bool IsAboutSettings(string reason) => FindSettingsPart(reason) is not null;

    /// <summary>Returns the place and the problem in a reason that is about settings. A server reports the same text.</summary>
    public static string GetSettingsProblem(string reason)
    {
        var part = FindSettingsPart(reason) ?? "";
        return reason[(reason.IndexOf(part, StringComparison.Ordinal) + part.Length)..].TrimStart('.', ':', ' ');
    }

    private static string? FindSettingsPart(string reason) =>
        Array.Find(OfSettings, part => reason.Contains(part, StringComparison.Ordinal));
}
