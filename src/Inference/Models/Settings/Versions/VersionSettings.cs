using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>Settings for the served versions of a model, and for the versions that handle requests without a version.</summary>
public sealed record VersionSettings
{
    public static readonly ImmutableSortedDictionary<string, long> NoLabels =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The policy that selects the served versions.</summary>
    /// <value>Default: all.</value>
    public VersionPolicy Serve { get; init; } = VersionPolicy.All;

    /// <summary>The lowest served version. Lower versions are not loaded, even if another setting names them.</summary>
    /// <value>Default: 1.</value>
    public long Minimum { get; init; } = 1;

    /// <summary>
    /// The version number of each label. <see cref="VersionRef.IsLabel"/> is true for each label, and each number is at least 1.
    /// </summary>
    /// <value>Default: empty.</value>
    public ImmutableSortedDictionary<string, long> Labels { get; init; } = NoLabels;

    /// <summary>
    /// The shares of the requests that name no version. Without shares, the highest served version handles these requests. The percentages
    /// of the shares add up to 100.
    /// </summary>
    /// <value>Default: empty.</value>
    public ImmutableArray<TrafficShare> Traffic { get; init; } = [];

    /// <summary>
    /// The shadow, a version that also runs the requests without a version. The server compares the shadow's results with the responses,
    /// and does not return them.
    /// </summary>
    /// <value>Default: none.</value>
    public VersionRef? Shadow { get; init; }

    /// <summary>Returns whether requests that name no version can use version <paramref name="number"/>.</summary>
    /// <param name="served">The served versions, highest first.</param>
    public bool IsDefault(long number, ImmutableArray<long> served) => Traffic.IsEmpty
        ? served.Length > 0 && served[0] == number
        : Traffic.Any(share => share.Percent > 0 && share.Version.Resolve(Labels) == number) && served.Contains(number);

    /// <summary>Returns the served versions among the stored versions, highest first.</summary>
    public ImmutableArray<long> SelectServed(IEnumerable<long> stored) => Serve.SelectServed(stored.Where(number => number >= Minimum));
}
