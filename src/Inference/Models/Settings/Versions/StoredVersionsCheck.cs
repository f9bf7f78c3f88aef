using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>Compares the version settings of a model with the versions in its store.</summary>
public static class StoredVersionsCheck
{
    /// <summary>The beginning of the sentence that lists the stored versions.</summary>
    public const string StoreHas = "The store has";

    private const string MinimumPlaces = $"\"versions.minimum\" in {ModelSettings.FileName}, or Models__MinimumVersions of the server";

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
                + $"{versions.Minimum}. Correct {MinimumPlaces}.";
        }

        var isOne = versions.Serve.Numbers.Length == 1;
        return $"Model {name} is not served: its settings serve only {Format(versions.Serve.Numbers)}, which {(isOne ? "does" : "do")} not "
            + $"exist. {StoreHas} {Format(stored)}. Correct {DescribePolicy(configuration)}, or add "
            + $"{(isOne ? "that version" : "one of those versions")}.";
    }

    /// <summary>Describes the versions that the settings serve, for a stored version that is not among them.</summary>
    /// <param name="served">The versions that the settings serve; not empty.</param>
    public static string DescribeServed(ModelConfiguration configuration, IReadOnlyCollection<long> served, long version) =>
        $"The settings of the model serve only {Format(served)}. To serve this version, change {DescribeLimit(configuration, version)}.";

    /// <summary>Describes the stored versions that are no longer served because of new settings.</summary>
    /// <param name="dropped">The versions; not empty.</param>
    public static string DescribeDropped(ModelConfiguration configuration, IReadOnlyCollection<long> dropped) =>
        $"The new settings no longer serve {Format(dropped)}. To serve {(dropped.Count == 1 ? "it" : "them")}, change "
        + $"{DescribeLimit(configuration, dropped.Max())}.";

    /// <summary>
    /// Finds the versions that the settings name and that are not served, because the store does not have them or the settings leave them
    /// out.
    /// </summary>
    /// <param name="stored">The versions in the store whose files can be served.</param>
    /// <param name="unusable">
    /// The versions in the store whose files cannot be served. The result omits these versions, because their statuses have the reason.
    /// </param>
    public static IEnumerable<FileProblem> FindNotServed(
        ModelConfiguration configuration, IReadOnlyCollection<long> stored, IReadOnlyCollection<long> unusable)
    {
        HashSet<long> known = [.. stored, .. unusable];
        if (known.Count == 0)
            yield break;
        var versions = configuration.Settings.Versions;
        var served = versions.SelectServed(stored);
        HashSet<long> servedOrUnusable = [.. served, .. unusable];
        // If the settings serve no version, the statuses of the model's versions already have the reason.
        foreach (var (file, path, subject, number) in ListNamed(configuration, includesPolicy: !versions.SelectServed(known).IsEmpty))
        {
            if (Describe(number) is { } problem)
                yield return CreateProblem(file, path, $"{subject} version {number}, {problem}");
        }

        if (HasUnservedTraffic(versions, served))
        {
            yield return CreateProblem(
                configuration.LabelsFile, GetLabelsPath(configuration, "traffic"),
                "None of its versions is served, so requests that name no version are refused.");
        }

        string? Describe(long number) =>
            !known.Contains(number) ? $"which does not exist. {StoreHas} {Format(known)}."
            : served.IsEmpty || servedOrUnusable.Contains(number) ? null
            : $"which is not served. The settings serve only {Format(served)}.";
    }

    /// <summary>Lists the versions that the settings name, each with its place and the start of a message about it.</summary>
    /// <param name="includesPolicy">Whether to list the versions of the policy, too.</param>
    private static IEnumerable<(string File, string Path, string Subject, long Number)> ListNamed(
        ModelConfiguration configuration, bool includesPolicy)
    {
        var (versions, file) = (configuration.Settings.Versions, configuration.LabelsFile);
        if (includesPolicy)
        {
            foreach (var number in versions.Serve.Numbers)
                yield return (configuration.ServeFile, GetServePath(configuration), "It names", number);
        }

        foreach (var (label, number) in versions.Labels)
            yield return (file, GetLabelsPath(configuration, $"labels.{label}"), "It points at", number);
        foreach (var share in versions.Traffic)
        {
            if (share.Version.Resolve(versions.Labels) is { } number)
                yield return (file, GetLabelsPath(configuration, "traffic"), "A share has", number);
        }

        if (versions.Shadow?.Resolve(versions.Labels) is { } shadow)
            yield return (file, GetLabelsPath(configuration, "shadow"), "It is", shadow);
    }

    /// <summary>
    /// Whether a model serves versions, but none of those in its traffic split. Requests that name no version are then refused.
    /// </summary>
    /// <param name="served">The served versions, highest first.</param>
    public static bool HasUnservedTraffic(VersionSettings versions, ImmutableArray<long> served) =>
        !versions.Traffic.IsEmpty && !served.IsEmpty && !served.Any(number => versions.IsDefault(number, served));

    private static FileProblem CreateProblem(string file, string path, string message) => new(file, 0, 0, path, message);

    /// <summary>Describes the setting that leaves out a version.</summary>
    private static string DescribeLimit(ModelConfiguration configuration, long version) =>
        version < configuration.Settings.Versions.Minimum
            ? $"the minimum, which is {configuration.Settings.Versions.Minimum}: {MinimumPlaces}"
            : DescribePolicy(configuration);

    private static string DescribePolicy(ModelConfiguration configuration) =>
        configuration.ServeFile == ModelSettings.FileName
            ? $"\"versions.serve\" in {ModelSettings.FileName}"
            : $"\"{GetServePath(configuration)}\" in {configuration.ServeFile}";

    private static string GetServePath(ModelConfiguration configuration) =>
        configuration.ServeFile == ModelSettings.FileName ? "$.versions.serve" : "version_policy";

    private static string GetLabelsPath(ModelConfiguration configuration, string key) =>
        configuration.LabelsFile == ModelSettings.FileName ? $"$.versions.{key}" : $"$.{key}";

    /// <summary>Lists at most ten versions in ascending order, as in "versions 1, 2 and 4".</summary>
    private static string Format(IReadOnlyCollection<long> numbers)
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
