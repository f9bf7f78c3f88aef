namespace Inference.Protocols.Predictions;

/// <summary>The status of a prediction.</summary>
public enum PredictionStatus
{
    /// <summary>Waiting in the queue, without an attempt so far.</summary>
    Queued,

    /// <summary>Started at least once.</summary>
    Running,

    Succeeded,

    Failed,

    Cancelled,
}
