using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>Which of the versions that a store has are served: all, the latest few, or certain ones.</summary>
public sealed record VersionPolicy
{
    public const int MaxLatest = 1000;

    private VersionPolicy()
    {
    }

    public static VersionPolicy All { get; } = new();

    /// <summary>The number of highest versions to serve; null for another policy.</summary>
    public int? LatestCount { get; private init; }

    /// <summary>Exactly these; empty when that is not the rule.</summary>
    public ImmutableArray<long> Numbers { get; private init; } = [];

    public static VersionPolicy Latest(int count) => new() { LatestCount = count };

    public static VersionPolicy Specific(ImmutableArray<long> numbers) => new() { Numbers = numbers };

    /// <summary>The versions served of those available, highest first.</summary>
    public ImmutableArray<long> Served(IEnumerable<long> available)
    {
        var sorted = available.OrderDescending();
        return LatestCount is { } count ? [.. sorted.Take(count)] : Numbers.IsEmpty ? [.. sorted] : [.. sorted.Where(Numbers.Contains)];
    }
}
