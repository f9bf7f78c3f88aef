using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>The version of a model that a caller wants.</summary>
/// <param name="Version">The version that the request names by number or label; null when it names none.</param>
/// <param name="RequestKey">
/// When the traffic is split between versions, requests with the same key use the same version. Null selects a version at random.
/// </param>
public readonly record struct VersionSelector(VersionRef? Version, string? RequestKey = null)
{
    public static implicit operator VersionSelector(long? number) => FromNumber(number);

    /// <summary>Creates a selector for a version number.</summary>
    /// <param name="number">The version number; null for a selector that names no version.</param>
    public static VersionSelector FromNumber(long? number) => new(number is { } value ? new VersionRef(value) : null);
}
