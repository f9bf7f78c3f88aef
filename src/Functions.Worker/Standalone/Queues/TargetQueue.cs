using Azure.Storage.Queues;

namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue that messages are sent to, created when it is not there.</summary>
internal sealed class TargetQueue(QueueClient queue, QueueSignal signal)
{
    public string Name => queue.Name;

    /// <param name="text">As it is to be stored: encoded.</param>
    public async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await queue.SendMessageAsync(text, cancellationToken);
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await queue.SendMessageAsync(text, cancellationToken);
        }

        signal.Set();
    }
}
