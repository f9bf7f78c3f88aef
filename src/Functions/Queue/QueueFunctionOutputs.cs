using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>
/// The messages to send for one received message. Each property is an array of one message, or null for no message. The properties are
/// arrays because a Functions host sends the items of an array unchanged, but may reformat other JSON.
/// </summary>
public sealed class QueueFunctionOutputs
{
    /// <summary>The result message; null when the message has no result yet.</summary>
    [QueueOutput("%Predictions:ResultsQueue%", Connection = StorageAccount.DataSetting)]
    public string[]? Results { get; init; }

    /// <summary>The received message itself, when its last attempt was interrupted and new attempts may succeed; otherwise null.</summary>
    [QueueOutput("%Predictions:Queue%", Connection = StorageAccount.DataSetting)]
    public string[]? Requeued { get; init; }
}
