using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>
/// The messages to send for one received message. Each output is an array of one text, because a host sends the items of an array unchanged
/// and may reformat other JSON.
/// </summary>
public sealed class QueueFunctionOutputs
{
    [QueueOutput("%Predictions:ResultsQueue%", Connection = StorageAccount.DataSetting)]
    public string[]? Results { get; init; }

    /// <summary>The received message itself, when its last attempt was interrupted and new attempts may succeed.</summary>
    [QueueOutput("%Predictions:Queue%", Connection = StorageAccount.DataSetting)]
    public string[]? Requeued { get; init; }
}
