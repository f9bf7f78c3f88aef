using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>Which version of a model a caller wants.</summary>
/// <param name="Asked">The version that the request names by number or label; null when it names none.</param>
/// <param name="RequestKey">Requests of one key are answered by one version, when the traffic is split; null for any.</param>
public readonly record struct VersionSelector(VersionRef? Asked, string? RequestKey = null)
{
    public static implicit operator VersionSelector(long? number) => FromNumber(number);

    /// <param name="number">Null for none in particular.</param>
    public static VersionSelector FromNumber(long? number) => new(number is { } given ? new VersionRef(given) : null);
}
