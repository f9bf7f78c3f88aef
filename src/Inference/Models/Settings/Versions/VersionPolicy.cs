using System.Collections.Immutable;

namespace Inference.Models.Settings.Versions;

/// <summary>The policy that selects the served versions of a store: all versions, the latest few, or certain numbers.</summary>
public sealed record VersionPolicy
{
    public const int MaxLatest = 1000;

    private VersionPolicy()
    {
    }

    /// <summary>The policy that serves all versions.</summary>
    public static VersionPolicy All { get; } = new();

    /// <summary>The number of highest versions to serve; null for another policy.</summary>
    public int? LatestCount { get; private init; }

    /// <summary>The version numbers to serve; empty for another policy.</summary>
    public ImmutableArray<long> Numbers { get; private init; } = [];

    /// <summary>Creates the policy that serves the highest versions.</summary>
    /// <param name="count">The number of versions: 1 to <see cref="MaxLatest"/>.</param>
    public static VersionPolicy Latest(int count) => new() { LatestCount = count };

    /// <summary>Creates the policy that serves certain versions.</summary>
    /// <param name="numbers">The version numbers; not empty.</param>
    public static VersionPolicy Specific(ImmutableArray<long> numbers) => new() { Numbers = numbers };

    /// <summary>Returns the served versions among the available versions, highest first.</summary>
    public ImmutableArray<long> SelectServed(IEnumerable<long> available)
    {
        var sorted = available.OrderDescending();
        return LatestCount is { } count ? [.. sorted.Take(count)]
            : Numbers.IsEmpty ? [.. sorted]
            : [.. sorted.Where(Numbers.ToHashSet().Contains)];
    }
}
