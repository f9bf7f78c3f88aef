using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>The reason why a prediction failed.</summary>
/// <param name="Code">The code of the error, for programs.</param>
/// <param name="Message">The description of the error, for the operator.</param>
public sealed record PoisonReason(string Code, string Message);

/// <summary>A message that was given up and is hidden from other receivers for a while.</summary>
/// <param name="Id">The identifier of the prediction; null when the message has no valid identifier.</param>
/// <param name="Reason">
/// The reason in the prediction's failed result. If there is no failed result, the reason is inferred from the message and its queue.
/// </param>
/// <param name="Inserted">The time when the message was given up; null when the service did not return it.</param>
public sealed record PoisonMessage(PredictionId? Id, PoisonReason Reason, DateTimeOffset? Inserted)
{
    /// <summary>
    /// Whether the message can be replayed; false for a failed message whose result is not in the given container. The result may then be
    /// in another container. There, the server would find the result, and would delete the replayed message without a prediction.
    /// </summary>
    public bool CanReplay { get; init; } = true;

    internal QueueMessage Message { get; init; } = null!;

    internal QueueClient Queue { get; init; } = null!;

    /// <summary>The receipt of the last call that received or renewed the message.</summary>
    internal string PopReceipt { get; set; } = null!;
}
