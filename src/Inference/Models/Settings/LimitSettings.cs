using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>The limits of one request to the model.</summary>
public sealed record LimitSettings
{
    public static readonly ImmutableSortedDictionary<string, long> NoDimensions =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The largest size of a dynamic dimension of the inputs, by its name or by its position, such as <c>x[1]</c>.</summary>
    /// <value>Default: empty; every size is allowed. Each limit is at least 1.</value>
    public ImmutableSortedDictionary<string, long> Dimensions { get; init; } = NoDimensions;

    public bool Equals(LimitSettings? other) => other is not null && Dimensions.SequenceEqual(other.Dimensions);

    public override int GetHashCode() => Dimensions.Count;
}
