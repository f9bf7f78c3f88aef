using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>A queue message that asks for no prediction, however often it is tried.</summary>
/// <param name="id">Set when the message could at least say which prediction it was meant to be.</param>
public sealed class InvalidMessageException(PredictionId? id, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public PredictionId? Id { get; } = id;
}
