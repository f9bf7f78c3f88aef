namespace Cli.Doctor;

/// <summary>Recognizes failures of a check on this machine whose cause is in the settings of the model.</summary>
internal static class FailureReason
{
    /// <summary>The phrases of failures that the settings cause. The location and the problem follow the phrase.</summary>
    private static readonly string[] SettingsPhrases = ["does not match its settings", "fails its warm-up on the sample at"];

    /// <summary>Whether a settings file that does not fit the model caused the failure.</summary>
    public static bool IsAboutSettings(string reason) => FindSettingsPhrase(reason) is not null;

    /// <summary>Returns the location and the problem from a reason that is about settings. A server reports the same text.</summary>
    public static string GetSettingsProblem(string reason)
    {
        var phrase = FindSettingsPhrase(reason) ?? "";
        return reason[(reason.IndexOf(phrase, StringComparison.Ordinal) + phrase.Length)..].TrimStart('.', ':', ' ');
    }

    private static string? FindSettingsPhrase(string reason) =>
        Array.Find(SettingsPhrases, phrase => reason.Contains(phrase, StringComparison.Ordinal));
}
