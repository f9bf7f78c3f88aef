using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>Settings for joining requests into runs. Compared by value.</summary>
public sealed record BatchingSettings
{
    /// <summary>The largest value of <see cref="MaxBatch"/>.</summary>
    public const int MaxItems = 65_536;

    /// <summary>The largest value of <see cref="QueueLimit"/>.</summary>
    public const int MaxQueueLimit = 1_000_000;

    /// <summary>The largest absolute fill value. FP32 represents every whole number up to this value exactly.</summary>
    public const int MaxFill = 1 << 24;

    /// <summary>The largest value of <see cref="MaxDelay"/>.</summary>
    public static readonly TimeSpan MaxDelayLimit = TimeSpan.FromMinutes(1);

    public static readonly ImmutableSortedDictionary<string, float> NoPadding =
        ImmutableSortedDictionary.Create<string, float>(StringComparer.Ordinal);

    /// <summary>The source of the permission to let requests share runs.</summary>
    /// <value>Default: <see cref="ContractChoice.Proven"/>.</value>
    public ContractChoice Contract { get; init; }

    /// <summary>
    /// The maximum number of items in one run of joined or split requests. The limit applies only if the contract permits such runs.
    /// </summary>
    /// <value>Default: null, which means the measured optimum. 1 to <see cref="MaxItems"/>; 1 runs every item separately.</value>
    public int? MaxBatch { get; init; }

    /// <summary>
    /// The preferred numbers of items of a run, in ascending order. A run starts without a wait when the waiting items fill the smallest
    /// size. The run then has the largest preferred size that the waiting items fill.
    /// </summary>
    /// <value>Default: empty. No size is above <see cref="MaxBatch"/>.</value>
    public ImmutableArray<int> PreferredSizes { get; init; } = [];

    /// <summary>The maximum time that a run waits for more items.</summary>
    /// <value>Default: zero. At most <see cref="MaxDelayLimit"/>.</value>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>The maximum number of requests that wait. Further requests are refused.</summary>
    /// <value>Default: null, which means the server's own limit. 1 to <see cref="MaxQueueLimit"/>.</value>
    public int? QueueLimit { get; init; }

    /// <summary>
    /// The values that inputs of dynamic length are padded with, by the input's name, so that requests of different lengths share a run.
    /// </summary>
    /// <value>
    /// Default: empty. Then only the inputs of token models are padded, if the server has proven that padding changes no result. Values
    /// from -<see cref="MaxFill"/> to <see cref="MaxFill"/>.
    /// </value>
    public ImmutableSortedDictionary<string, float> Padding { get; init; } = NoPadding;

    public bool Equals(BatchingSettings? other) =>
        other is not null
        && (Contract, MaxBatch, MaxDelay, QueueLimit) == (other.Contract, other.MaxBatch, other.MaxDelay, other.QueueLimit)
        && PreferredSizes.SequenceEqual(other.PreferredSizes) && Padding.SequenceEqual(other.Padding);

    public override int GetHashCode() => HashCode.Combine(Contract, MaxBatch, MaxDelay, QueueLimit);
}
