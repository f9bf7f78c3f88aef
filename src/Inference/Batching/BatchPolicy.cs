using System.Collections.Immutable;
using Inference.Models.Contracts;

namespace Inference.Batching;

/// <summary>The rules for a model's requests: how long they wait for each other, and which of them share runs.</summary>
public sealed record BatchPolicy
{
    /// <summary>
    /// The policy without settings: requests run at once, in the sizes that suit the model, and never wait for a fuller batch.
    /// </summary>
    public static BatchPolicy Default { get; } = new();

    /// <summary>The contract that permits requests to share runs.</summary>
    public BatchContract Contract { get; init; } = BatchContract.None;

    /// <summary>
    /// The maximum number of items of one run. 1 runs every item separately; null uses the size of the model's execution plan.
    /// </summary>
    public int? MaxBatch { get; init; }

    /// <summary>
    /// The batch sizes that the model runs best with, ascending. A batch uses the largest size that the waiting items fill.
    /// </summary>
    public ImmutableArray<int> PreferredSizes { get; init; } = [];

    /// <summary>
    /// How long a request waits for other requests while a slot is free. With zero, such a request runs at once, and requests share
    /// batches only after they waited for a slot.
    /// </summary>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>The padding that lets requests of different lengths share a batch; null when such requests share no batch.</summary>
    internal Padding? Padding { get; init; }

    /// <summary>The maximum number of requests that may wait. The limit bounds the memory of the waiting requests.</summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>
    /// The longest wait that a burst may cause. Hosting platforms send up to a hundred simultaneous requests to one instance. A wait of one
    /// second admits a hundred requests, even if each request takes 20 ms on two processors. Callers rarely accept a longer wait.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(1);
}
