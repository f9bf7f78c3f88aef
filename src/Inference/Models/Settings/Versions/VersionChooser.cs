using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>
/// Chooses the version for a request according to the model's traffic split. The choice has no state: equal arguments choose the same
/// version.
/// </summary>
internal static class VersionChooser
{
    /// <summary>Chooses a served version of the traffic split.</summary>
    /// <param name="settings">The settings of a model with a traffic split.</param>
    /// <param name="served">The served versions.</param>
    /// <param name="requestKey">
    /// Requests with the same key use the same version while the settings and versions stay the same. Null or empty chooses a random
    /// version.
    /// </param>
    /// <param name="random">Used only for requests without a key.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: no version of the split is served.</exception>
    public static long Choose(VersionSettings settings, ImmutableArray<long> served, string? requestKey, Random random) => ChooseByHash(
        settings, served, string.IsNullOrEmpty(requestKey)
            ? (ulong)random.NextInt64(long.MinValue, long.MaxValue)
            : StableHash.Compute(requestKey));

    /// <summary>
    /// Creates the error for a requested version that is not served. For an unknown number, the message lists the served versions. For an
    /// unknown label, the message lists the labels.
    /// </summary>
    public static InferenceException CreateNotServedError(VersionSettings settings, ImmutableArray<long> served, VersionRef version) =>
        version.Resolve(settings.Labels) is not { } number
            ? CreateNotFoundError($"The model has no version labelled {version}.{FormatAvailable(settings.Labels.Keys)}")
            : version.Label is null
                ? CreateNotFoundError($"The model has no version {number} that is served.{FormatAvailable(served)}")
                : new InferenceException(
                    InferenceError.ModelUnavailable,
                    $"Label {version} points at version {number}, which is not served. Correct the label, or serve the version.");

    private static InferenceException CreateNotFoundError(string message) =>
        new(InferenceError.ModelNotFound, message) { Reason = ErrorReason.VersionNotFound };

    /// <summary>
    /// Returns the version of the split that a hash selects. If that version is not served, its requests, and no others, are distributed
    /// among the other versions by their percentages. Example: the shares are 50, 30 and 20, and the third version is not served. The third
    /// version's 20 % of the requests are then divided in the ratio 50 to 30.
    /// </summary>
    private static long ChooseByHash(VersionSettings settings, ImmutableArray<long> served, ulong hash)
    {
        var shares = settings.Traffic;
        while (SumPercent(shares) is > 0 and var total)
        {
            var share = FindShare(shares, StableHash.ToIndex(hash, total));
            if (share.Version.Resolve(settings.Labels) is { } number && served.Contains(number))
                return number;
            shares = shares.Remove(share);
            hash = StableHash.Next(hash);
        }

        var versions = settings.Traffic.Where(share => share.Percent > 0).Select(share => share.Version);
        throw new InferenceException(
            InferenceError.ModelUnavailable,
            $"None of the versions in the model's traffic split is served: {string.Join(", ", versions)}. "
            + "Correct the split, or serve one of these versions.");
    }

    private static int SumPercent(ImmutableArray<TrafficShare> shares)
    {
        var total = 0;
        foreach (var share in shares)
            total += share.Percent;
        return total;
    }

    /// <summary>Returns the share that contains a point, if the shares lie one after the other from 0.</summary>
    private static TrafficShare FindShare(ImmutableArray<TrafficShare> shares, int point)
    {
        foreach (var share in shares)
        {
            point -= share.Percent;
            if (point < 0)
                return share;
        }

        throw new InvalidOperationException("A point lies beyond all shares. This is a bug.");
    }

    private static string FormatAvailable<T>(IEnumerable<T> names) =>
        string.Join(", ", names) is { Length: > 0 } known ? $" Available: {known}." : "";
}
