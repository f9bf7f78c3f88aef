namespace Inference.Models.Settings.Versions;

/// <summary>Compares the version settings of a model with the versions in its store.</summary>
public static class StoredVersionsCheck
{
    /// <summary>Returns why the settings serve no stored version; null when they serve one, or when the store has none.</summary>
    /// <param name="unusable">
    /// The versions whose files cannot be served. The result is null when the settings serve such a
    /// version, because its files are then the reason.
    /// </param>
    public static string? FindNoneServed(
        ModelName name, ModelConfiguration configuration, IReadOnlyCollection<long> stored, IEnumerable<long> unusable)
    {
        var versions = configuration.Settings.Versions;
        if (stored.Count == 0 || !versions.SelectServed([.. stored, .. unusable]).IsEmpty)
            return null;
        if (versions.Serve.SelectServed(stored) is [var highest, ..])
        {
            return $"Model {name} is not served: the highest version that its settings serve is {highest}, and the minimum is "
                + $"{versions.Minimum}.";
        }

        var isOne = versions.Serve.Numbers.Length == 1;
        return $"Model {name} is not served: its settings serve only {List(versions.Serve.Numbers)}, which {(isOne ? "does" : "do")} not "
            + $"exist. The store has {List(stored)}. Correct {DescribePolicy(configuration)}, or add "
            + $"{(isOne ? "that version" : "one of those versions")}.";
    }

    /// <summary>Describes the versions that the settings serve, for a stored version that is not among them.</summary>
    /// <param name="served">The versions that the settings serve; not empty.</param>
    public static string DescribeServed(ModelConfiguration configuration, IReadOnlyCollection<long> served, long version) =>
        $"The settings of the model serve only {List(served)}. To serve this version, change "
        + (version < configuration.Settings.Versions.Minimum
            ? $"the minimum, which is {configuration.Settings.Versions.Minimum}: \"versions.minimum\" in {ModelSettings.FileName}, or "
                + "Models__MinimumVersions of the server."
            : $"{DescribePolicy(configuration)}.");

    /// <summary>Finds the versions that the settings name and that the store does not have.</summary>
    public static IEnumerable<FileProblem> FindMissing(ModelConfiguration configuration, IReadOnlyCollection<long> stored)
    {
        if (stored.Count == 0)
            yield break;
        var versions = configuration.Settings.Versions;
        var hint = $"which does not exist. The store has {List(stored)}.";
        // If no version is served, the state of the model already gives the reason.
        if (!versions.SelectServed(stored).IsEmpty)
        {
            foreach (var number in versions.Serve.Numbers.Where(number => !stored.Contains(number)))
                yield return Problem(configuration.ServeFile, ServePath(configuration), $"It names version {number}, {hint}");
        }

        foreach (var (label, number) in versions.Labels.Where(label => !stored.Contains(label.Value)))
            yield return Problem(configuration.LabelsFile, LabelsPath($".labels.{label}"), $"It points at version {number}, {hint}");
        foreach (var share in versions.Traffic)
        {
            if (share.Version.Resolve(versions.Labels) is { } number && !stored.Contains(number))
                yield return Problem(configuration.LabelsFile, LabelsPath(".traffic"), $"A share has version {number}, {hint}");
        }

        if (versions.Shadow?.Resolve(versions.Labels) is { } shadow && !stored.Contains(shadow))
            yield return Problem(configuration.LabelsFile, LabelsPath(".shadow"), $"It is version {shadow}, {hint}");

        string LabelsPath(string path) => configuration.LabelsFile == ModelSettings.FileName ? $"$.versions{path}" : $"${path}";
    }

    private static FileProblem Problem(string file, string path, string message) => new(file, 0, 0, path, message);

    private static string DescribePolicy(ModelConfiguration configuration) =>
        configuration.ServeFile == ModelSettings.FileName
            ? $"\"versions.serve\" in {ModelSettings.FileName}"
            : $"\"{ServePath(configuration)}\" in {configuration.ServeFile}";

    private static string ServePath(ModelConfiguration configuration) =>
        configuration.ServeFile == ModelSettings.FileName ? "$.versions.serve" : "version_policy";

    /// <summary>Lists at most ten versions in ascending order, as in "versions 1, 2 and 4".</summary>
    private static string List(IReadOnlyCollection<long> numbers)
    {
        const int Max = 10;
        List<string> texts = [.. numbers.Order().Take(Max).Select(number => $"{number}")];
        if (numbers.Count > Max)
            texts.Add($"{numbers.Count - Max} more");
        return texts.Count == 1
            ? $"version {texts[0]}"
            : $"versions {string.Join(", ", texts.SkipLast(1))} and {texts[^1]}";
    }
}
