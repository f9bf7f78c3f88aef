using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>Thrown for a queue message that is not a prediction request. A retry would fail as well.</summary>
/// <param name="id">The prediction's id, when the message contains a usable one.</param>
public sealed class InvalidMessageException(PredictionId? id, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public PredictionId? Id { get; } = id;
}
