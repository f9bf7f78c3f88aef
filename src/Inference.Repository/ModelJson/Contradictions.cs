using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Models.Settings.Versions;

namespace Inference.Repository.ModelJson;

/// <summary>Finds settings that are valid individually but contradict each other.</summary>
internal static class Contradictions
{
    /// <returns>The path of each contradicting setting in <c>model.json</c>, and a message that describes the contradiction.</returns>
    public static IEnumerable<(string[] Path, string Message)> Find(ModelSettings settings) =>
    [
        .. FindInVersions(settings.Versions), .. FindInBatching(settings.Batching), .. FindInTimes(settings),
            .. FindInImages(settings.Image),
        .. FindInRemote(settings.Remote),
    ];

    /// <inheritdoc cref="Find"/>
    public static IEnumerable<(string[] Path, string Message)> FindInVersions(VersionSettings versions)
    {
        foreach (var (label, number) in versions.Labels)
        {
            if (DescribeExclusion(number) is { } reason)
                yield return (["versions", "labels", label], $"Label \"{label}\" points at version {number}, {reason}.");
        }

        foreach (var number in versions.Serve.Numbers.Where(number => number < versions.Minimum))
            yield return (["versions", "serve"], $"Version {number} is {DescribeExclusion(number)}.");
        string[] traffic = ["versions", "traffic"];
        var sharedVersions = new HashSet<long>();
        foreach (var share in versions.Traffic)
        {
            if (FindProblem(share.Version) is { } reason)
                yield return (traffic, reason);
            else if (share.Version.Resolve(versions.Labels)!.Value is var number && !sharedVersions.Add(number))
                yield return (traffic, $"Version {number} is listed more than once, by number or by label. Merge its percentages.");
        }

        var sum = versions.Traffic.Sum(share => share.Percent);
        if (!versions.Traffic.IsEmpty && sum != 100)
            yield return (traffic, $"The percentages add up to {sum}; they must add up to 100.");
        if (versions.Shadow is { } shadow && FindProblem(shadow) is { } shadowProblem)
            yield return (["versions", "shadow"], shadowProblem);

        string? DescribeExclusion(long number) => number < versions.Minimum ? $"below the minimum {versions.Minimum}"
            : !versions.Serve.Numbers.IsEmpty && !versions.Serve.Numbers.Contains(number) ? "which \"serve\" excludes"
            : null;

        string? FindProblem(VersionRef version) => version.Resolve(versions.Labels) switch
        {
            null => $"Label {version} is not among \"labels\".{ProblemText.Suggest(version.Label!, [.. versions.Labels.Keys])}",
            { } number when number < versions.Minimum => $"Version {version} is {DescribeExclusion(number)}.",
            { } number when DescribeExclusion(number) is not null => $"Version {version} is excluded by \"serve\".",
            _ => null,
        };
    }

    private static IEnumerable<(string[] Path, string Message)> FindInBatching(BatchingSettings batching)
    {
        if (batching.MaxBatch is not { } max)
            yield break;
        foreach (var size in batching.PreferredSizes.Where(size => size > max))
            yield return (["batching", "preferredSizes"], $"A preferred size is {size}, but maxBatch is {max}.");
        if (max == 1 && batching.MaxDelay > TimeSpan.Zero)
        {
            yield return (
                ["batching", "maxDelay"], "maxBatch is 1, so a run never waits for more items. Remove maxDelay, or raise maxBatch.");
        }
    }

    private static IEnumerable<(string[] Path, string Message)> FindInImages(ImageSettings? image)
    {
        if (image is null)
            yield break;
        foreach (var (key, numbers) in new[] { ("mean", image.Mean), ("std", image.Std) })
        {
            if (numbers.Length != 1 && numbers.Length != image.ChannelCount)
            {
                yield return (
                    ["image", key],
                    $"This has {numbers.Length} numbers; one, or one for each channel ({image.ChannelCount}), is expected.");
            }
        }
    }

    private static IEnumerable<(string[] Path, string Message)> FindInRemote(RemoteSettings? remote)
    {
        if (remote is { KeyHeader: not null, KeySetting: null })
            yield return (["remote", "keyHeader"], "\"keySetting\", which names the key to send in this header, is missing.");
        if (remote is { Kind: not RemoteKind.Json, Json: not null })
            yield return (["remote", "json"], "Only the kind \"json\" has this key.");
        if (remote is not { Kind: RemoteKind.Json })
            yield break;
        if (remote.Json is null)
            yield return (["remote"], "\"json\" is missing.");
        const string WholeAddress = "A JSON service does not have this key: \"url\" is the whole address.";
        if (remote.Model is not null)
            yield return (["remote", "model"], WholeAddress);
        if (remote.Version is not null)
            yield return (["remote", "version"], WholeAddress);
    }

    private static IEnumerable<(string[] Path, string Message)> FindInTimes(ModelSettings settings)
    {
        if (settings.Timeouts.Request is { } timeout && settings.Batching.MaxDelay >= timeout)
        {
            yield return (
                ["batching", "maxDelay"],
                $"A wait of {settings.Batching.MaxDelay:c} for more items is not shorter than timeouts.request, {timeout:c}. "
                + "Lower maxDelay, or raise timeouts.request.");
        }

        if (settings.Lifecycle is { Pinned: true, IdleTimeout: not null })
            yield return (["lifecycle", "idleTimeout"], "A pinned model is never unloaded: leave out idleTimeout or pinned.");
    }
}
