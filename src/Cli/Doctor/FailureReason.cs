namespace Cli.Doctor;

/// <summary>Finds out what the reason of a failed version is about. A server sends only the text of a reason.</summary>
internal static class FailureReason
{
    /// <summary>The parts of reasons that are about the settings of a model.</summary>
    private static readonly string[] OfSettings = ["does not match its settings", "fails its warm-up on the sample at"];

    /// <summary>Whether the reason is a file of settings that contradicts a model.</summary>
    public static bool IsAboutSettings(string reason) => OfSettings.Any(part => reason.Contains(part, StringComparison.Ordinal));

    /// <summary>Whether the reason is about one version, because it names the version, as in <c>iris/1</c>.</summary>
    public static bool IsAboutVersion(string reason, string model, string version) => Names(reason, $"{model}/{version}");

    /// <summary>Whether the reason is about a model or its version. Otherwise, the reason is about the store.</summary>
    public static bool IsAboutModel(string reason, string model) => Names(reason, model);

    /// <summary>
    /// Whether a text has a name that is not a part of a longer name, such as the name of a container. A dot after the name may end the
    /// sentence.
    /// </summary>
    private static bool Names(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var end = at + name.Length;
            if ((at == 0 || !IsNameCharacter(text[at - 1])) && (end == text.Length || text[end] == '.' || !IsNameCharacter(text[end])))
                return true;
        }

        return false;
    }

    private static bool IsNameCharacter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-';
}
