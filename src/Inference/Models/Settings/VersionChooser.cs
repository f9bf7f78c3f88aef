using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>Chooses the version that answers a request. It has no state: the same arguments choose the same version.</summary>
public static class VersionChooser
{
    /// <param name="served">What <see cref="VersionPolicy.Served"/> says of the versions that there are: highest first.</param>
    /// <param name="asked">The version that the request names; null when it names none.</param>
    /// <param name="requestKey">
    /// Requests of one key go to one version for as long as the settings and versions stay; null or empty: chosen by chance.
    /// </param>
    /// <param name="random">Used for requests without a key only.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelNotFound"/>: no such version is served;
    /// <see cref="InferenceError.ModelUnavailable"/>: a label or the traffic split points at versions that are not there.
    /// </exception>
    public static ChosenVersion Choose(VersionSettings settings, ImmutableArray<long> served, VersionRef? asked, string? requestKey, Random random)
    {
        if (asked is { } version)
            return new ChosenVersion(Named(settings, served, version), Shadow: null);
        if (served.IsEmpty)
            throw Missing("The model has no version that is served.");

        var chosen = settings.Traffic.IsEmpty
            ? served[0]
            : Share(settings, served, string.IsNullOrEmpty(requestKey) ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : StableHash.Of(requestKey));
        var shadow = settings.Shadow?.Resolve(settings.Labels);
        return new ChosenVersion(chosen, shadow != chosen && served.Contains(shadow ?? 0) ? shadow : null);
    }

    /// <summary>Why a version that was asked for is not served, and what is.</summary>
    internal static InferenceException NotServed(VersionSettings settings, ImmutableArray<long> served, VersionRef version) =>
        version.Resolve(settings.Labels) is not { } number
            ? Missing($"The model has no version labelled {version}.{Known(settings.Labels.Keys)}")
            : version.Label is null
                ? Missing($"The model has no version {number} that is served.{Known(served)}")
                : new InferenceException(InferenceError.ModelUnavailable, $"Label {version} points at version {number}, which is not there.");

    private static InferenceException Missing(string message) =>
        new(InferenceError.ModelNotFound, message) { Reason = ErrorReason.VersionNotFound };

    private static long Named(VersionSettings settings, ImmutableArray<long> served, VersionRef version) =>
        version.Resolve(settings.Labels) is { } number && served.Contains(number) ? number : throw NotServed(settings, served, version);

    /// <summary>
    /// The entry of the split that a hash falls on. When its version is not there, its requests, and no others, are dealt
    /// out anew among the rest by their percentages.
    /// </summary>
    private static long Share(VersionSettings settings, ImmutableArray<long> served, ulong hash)
    {
        var shares = settings.Traffic;
        while (Total(shares) is > 0 and var total)
        {
            var share = Pick(shares, StableHash.Scale(hash, total));
            if (share.Version.Resolve(settings.Labels) is { } number && served.Contains(number))
                return number;
            shares = shares.Remove(share);
            hash = StableHash.Next(hash);
        }

        var wanted = settings.Traffic.Where(share => share.Percent > 0).Select(share => share.Version);
        throw new InferenceException(
            InferenceError.ModelUnavailable, $"None of the versions that the model's traffic goes to is there: {string.Join(", ", wanted)}.");
    }

    private static int Total(ImmutableArray<TrafficShare> shares)
    {
        var total = 0;
        foreach (var share in shares)
            total += share.Percent;
        return total;
    }

    private static TrafficShare Pick(ImmutableArray<TrafficShare> shares, int point)
    {
        foreach (var share in shares)
        {
            point -= share.Percent;
            if (point < 0)
                return share;
        }

        throw new InvalidOperationException("A point lies beyond all shares. This is a bug.");
    }

    private static string Known<T>(IEnumerable<T> names) => string.Join(", ", names) is { Length: > 0 } known ? $" What there is: {known}." : "";
}
