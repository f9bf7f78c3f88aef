using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>Settings for joining requests into runs.</summary>
public sealed record BatchingSettings
{
    public const int MaxItems = 65_536;
    public const int MaxQueueLimit = 1_000_000;

    /// <summary>Whole numbers up to it are exact.</summary>
    public const int MaxFill = 1 << 24;

    public static readonly TimeSpan MaxDelayLimit = TimeSpan.FromMinutes(1);

    public static readonly ImmutableSortedDictionary<string, float> NoPadding =
        ImmutableSortedDictionary.Create<string, float>(StringComparer.Ordinal);

    /// <summary>The source of the permission to let requests share runs.</summary>
    /// <value>Default: <see cref="ContractChoice.Proven"/>.</value>
    public ContractChoice Contract { get; init; }

    /// <summary>The most items in one run of joined or split requests. It bounds a contract and does not make one.</summary>
    /// <value>
    /// Default: null, what measuring the model finds best. 1 to <see cref="MaxItems"/>; with 1 every item is a run of its own.
    /// </value>
    public int? MaxBatch { get; init; }

    /// <summary>Numbers of items at which a run starts without waiting for more, ascending.</summary>
    /// <value>Default: empty. None is above <see cref="MaxBatch"/>.</value>
    public ImmutableArray<int> PreferredSizes { get; init; } = [];

    /// <summary>The most time that a run waits for more items.</summary>
    /// <value>Default: zero. At most <see cref="MaxDelayLimit"/>.</value>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>The most requests that wait; one more is refused.</summary>
    /// <value>Default: null, the server's own limit. 1 to <see cref="MaxQueueLimit"/>.</value>
    public int? QueueLimit { get; init; }

    /// <summary>
    /// What an input of open length is filled up with, so that requests of different lengths share a run; by the input's name.
    /// </summary>
    /// <value>Default: empty, only requests of one length do. Values from -<see cref="MaxFill"/> to <see cref="MaxFill"/>.</value>
    public ImmutableSortedDictionary<string, float> Padding { get; init; } = NoPadding;
}
