using Azure;
using Azure.Storage.Queues.Models;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

internal static class StorageErrors
{
    /// <summary>
    /// Whether a request for a message has failed because it is no longer this process's: deleted, with its queue perhaps, or
    /// visible again and taken by another.
    /// </summary>
    public static bool IsNotOurs(Exception exception) => exception is RequestFailedException e
        && (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch || e.ErrorCode == QueueErrorCode.QueueBeingDeleted);

    public static bool IsQueueMissing(Exception exception) =>
        exception is RequestFailedException e && e.ErrorCode == QueueErrorCode.QueueNotFound;

    /// <summary>One line with what to do: the SDK's messages are whole responses, headers and all.</summary>
    public static string Describe(Exception exception) =>
        $"{StorageProblem.Describe(exception)}. {StorageProblem.Advise(exception)}".TrimEnd();
}
