using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>Why a prediction failed, as its result says.</summary>
public sealed record PoisonReason(string Code, string Message);

/// <summary>A message that was given up, taken out of sight for a while.</summary>
/// <param name="Id">Null when it has no usable one.</param>
/// <param name="Reason">Of the failed result with its id; without one, what the message itself and its queue tell.</param>
/// <param name="Inserted">When it was given up.</param>
public sealed record PoisonMessage(PredictionId? Id, PoisonReason Reason, DateTimeOffset? Inserted)
{
    internal QueueMessage Message { get; init; } = null!;

    internal QueueClient Queue { get; init; } = null!;
}
