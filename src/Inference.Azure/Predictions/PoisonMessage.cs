using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>The reason of a failed prediction, as in its result.</summary>
public sealed record PoisonReason(string Code, string Message);

/// <summary>A message that was given up and is hidden from other receivers for a while.</summary>
/// <param name="Id">The identifier of the prediction; null when the message has no valid one.</param>
/// <param name="Reason">The reason in the failed result of the identifier. Without one, it follows from the message and its queue.</param>
/// <param name="Inserted">The time when the message was given up.</param>
public sealed record PoisonMessage(PredictionId? Id, PoisonReason Reason, DateTimeOffset? Inserted)
{
    internal QueueMessage Message { get; init; } = null!;

    internal QueueClient Queue { get; init; } = null!;
}
