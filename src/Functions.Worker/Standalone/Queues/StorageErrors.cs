using Azure;
using Azure.Storage.Queues.Models;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Classifies and describes failures of Azure Queue Storage.</summary>
internal static class StorageErrors
{
    /// <summary>
    /// Whether a request failed because this process no longer holds the message. The message or its queue was deleted, or the message
    /// became visible again and another receiver has it.
    /// </summary>
    public static bool IsLeaseLost(Exception exception) => exception is RequestFailedException e
        && (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch || e.ErrorCode == QueueErrorCode.QueueBeingDeleted);

    /// <summary>Whether a request failed because the queue no longer has the message. It was deleted, or it has expired.</summary>
    public static bool IsMessageMissing(Exception exception) =>
        exception is RequestFailedException e && e.ErrorCode == QueueErrorCode.MessageNotFound;

    public static bool IsQueueMissing(Exception exception) =>
        exception is RequestFailedException e && e.ErrorCode == QueueErrorCode.QueueNotFound;

    /// <summary>
    /// Describes a storage failure in one line with advice. The SDK's own messages contain whole responses with their headers.
    /// </summary>
    public static string Describe(Exception exception) =>
        $"{StorageProblem.Describe(exception)}. {StorageProblem.Advise(exception)}".TrimEnd();
}
