using Azure.Storage.Queues;

namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue that messages are sent to. Sending creates a queue that does not exist.</summary>
/// <param name="timeToLive">How long the service keeps a message; default: the service's seven days.</param>
internal sealed class TargetQueue(QueueClient queue, QueueSignal signal, TimeSpan? timeToLive = null)
{
    /// <summary>Azure Storage's value for a message that never expires: minus one second.</summary>
    public static readonly TimeSpan Unlimited = TimeSpan.FromSeconds(-1);

    public string Name => queue.Name;

    /// <param name="text">The encoded text of the message.</param>
    public async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await queue.SendMessageAsync(text, timeToLive: timeToLive, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await queue.SendMessageAsync(text, timeToLive: timeToLive, cancellationToken: cancellationToken);
        }

        signal.Set();
    }
}
