using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>The state of a job, as callers see it.</summary>
/// <param name="Model">The requested model.</param>
/// <param name="Version">
/// The version that ran, or the requested version if none has run. Null when none has run and the latest version was requested.
/// </param>
/// <param name="Started">The start of the last attempt.</param>
/// <param name="Attempts">The number of attempts.</param>
public sealed record Job(
    PredictionId Id,
    string Model,
    long? Version,
    PredictionStatus Status,
    DateTimeOffset Created,
    DateTimeOffset? Started,
    DateTimeOffset? Finished,
    int Attempts)
{
    /// <summary>The failure of a failed job; null for other jobs.</summary>
    public PredictionFailure? Failure { get; init; }

    /// <summary>The failed last attempt, when the job waits for its next attempt; null at any other time.</summary>
    public PendingRetry? Retry { get; init; }

    /// <summary>The result as JSON; null when there is none, or when it is too large to be part of the job.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    public bool IsFinished => Status is not (PredictionStatus.Queued or PredictionStatus.Running);
}

/// <summary>A failed attempt at a job. Another attempt follows.</summary>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="MaxAttempts">The number of attempts after which the job is given up.</param>
public sealed record PendingRetry(long Attempt, int MaxAttempts, PredictionFailure Failure);
