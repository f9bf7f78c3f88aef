using Microsoft.Azure.Functions.Worker;

namespace Functions.Queue;

/// <summary>
/// What becomes of one message. Arrays of one text, because a host sends the items of an array as they are, and may write other JSON anew.
/// </summary>
public sealed class QueueAnswer
{
    [QueueOutput("%Predictions:ResultsQueue%")]
    public string[]? Results { get; init; }

    /// <summary>The message itself, when it is given up.</summary>
    [QueueOutput("%Predictions:Queue%-poison")]
    public string[]? Poison { get; init; }

    /// <summary>The message itself, when its last attempt was cut short and it deserves new ones.</summary>
    [QueueOutput("%Predictions:Queue%")]
    public string[]? Requeued { get; init; }
}
