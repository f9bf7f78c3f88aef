using System.Collections.Immutable;
using Inference.Models.Contracts;

namespace Inference.Batching;

/// <summary>How a model's requests wait for each other.</summary>
public sealed record BatchPolicy
{
    /// <summary>As the model runs best, at once, and never for the sake of a fuller batch.</summary>
    public static BatchPolicy Default { get; } = new();

    /// <summary>The permission to share runs.</summary>
    public BatchContract Contract { get; init; } = BatchContract.None;

    /// <summary>The most items of one run; 1 runs every item by itself; null for what the model's execution plan says.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>
    /// Numbers of items that the model runs best with, ascending: a larger batch than that takes the largest that it fills.
    /// </summary>
    public ImmutableArray<int> PreferredSizes { get; init; } = [];

    /// <summary>
    /// How long a request waits for others when a slot is free; zero runs at once and gathers only while all slots are busy.
    /// </summary>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>How requests of different lengths share a batch; null when they do not.</summary>
    internal Padding? Padding { get; init; }

    /// <summary>Requests that wait, at most: what bounds the memory they hold.</summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>
    /// The wait that a burst may cause. A second lets in the hundred requests at once that hosting platforms send one instance,
    /// even for a model of 20 ms on two processors; it is also about as long as callers are content to wait.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(1);
}
