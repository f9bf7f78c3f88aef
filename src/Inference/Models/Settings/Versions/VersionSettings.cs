using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>Which versions of a model are served, and which one answers a request that names none.</summary>
public sealed record VersionSettings
{
    public static readonly ImmutableSortedDictionary<string, long> NoLabels =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The versions that are served at all.</summary>
    /// <value>Default: all.</value>
    public VersionPolicy Serve { get; init; } = VersionPolicy.All;

    /// <summary>The lowest version that is served. Lower ones are not loaded, whatever else names them.</summary>
    /// <value>Default: 1.</value>
    public long Minimum { get; init; } = 1;

    /// <summary>Names of versions.</summary>
    /// <value>Default: none. Names as <see cref="VersionRef.IsLabel"/> wants them; versions from 1.</value>
    public ImmutableSortedDictionary<string, long> Labels { get; init; } = NoLabels;

    /// <summary>The shares of the requests that name no version.</summary>
    /// <value>Default: empty, the highest served version answers them. Otherwise the percentages add up to 100.</value>
    public ImmutableArray<TrafficShare> Traffic { get; init; } = [];

    /// <summary>A version that also runs the requests that name none; its results are compared, never answered.</summary>
    /// <value>Default: none.</value>
    public VersionRef? Shadow { get; init; }
}
