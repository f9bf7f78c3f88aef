using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>The state of a job, as callers see it.</summary>
/// <param name="Model">The requested model.</param>
/// <param name="Version">The version that answered, or else the one asked for; null for the latest, as long as it is not known.</param>
/// <param name="Started">When it was taken up the last time.</param>
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
    /// <summary>Set for one that failed.</summary>
    public PredictionFailure? Failure { get; init; }

    /// <summary>The answer, when it is not too large to be shown here.</summary>
    public ReadOnlyMemory<byte>? Result { get; init; }

    public bool IsFinished => Status is not (PredictionStatus.Queued or PredictionStatus.Running);
}
