namespace Inference.Protocols.Predictions;

/// <summary>The status of a prediction.</summary>
public enum PredictionStatus
{
    /// <summary>Waiting in the queue; nobody has tried it yet.</summary>
    Queued,

    /// <summary>Taken up at least once.</summary>
    Running,

    Succeeded,

    Failed,

    Cancelled,
}
