using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>
/// What is sent for one message. Arrays of one text, because a host sends the items of an array as they are, and may write other JSON anew.
/// </summary>
public sealed class QueueAnswer
{
    [QueueOutput("%Predictions:ResultsQueue%", Connection = StorageAccount.DataSetting)]
    public string[]? Results { get; init; }

    /// <summary>The message itself, when its last attempt was interrupted and new attempts may succeed.</summary>
    [QueueOutput("%Predictions:Queue%", Connection = StorageAccount.DataSetting)]
    public string[]? Requeued { get; init; }
}
