using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>The state of a job, as callers see it.</summary>
/// <param name="Model">The requested model.</param>
/// <param name="Version">The version that ran, or else the requested one; null for the latest, until it is known.</param>
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
    /// <summary>The failure of a failed job.</summary>
    public PredictionFailure? Failure { get; init; }

    /// <summary>The result, unless it is too large to be shown here.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    public bool IsFinished => Status is not (PredictionStatus.Queued or PredictionStatus.Running);
}
