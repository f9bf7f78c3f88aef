using Microsoft.Extensions.Logging;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Processes a message: runs the function, sends its outputs, and deletes the message last. A message that failed is delivered again. After
/// too many failures, the message moves to the poison queue.
/// </summary>
/// <param name="poison">
/// The poison queue; null when the source queue has none. Without a poison queue, a failed message is delivered again any number of times,
/// and a message that is not base64 is passed to the function unchanged.
/// </param>
internal sealed partial class MessageProcessor(MessageInvoker invoker, TargetQueue? poison, QueueSettings settings, ILogger logger)
{
    private const string Expired = "it expired before its invocation was completed";

    public string FunctionName => invoker.FunctionName;

    /// <summary>
    /// Processes a message. Never throws: a failure of the function or the storage is logged and affects only this message.
    /// </summary>
    public async Task ProcessAsync(MessageLease lease)
    {
        var message = lease.Message;
        try
        {
            if (message.DequeueCount > settings.MaxDequeueCount && poison is not null)
            {
                // A message whose last attempt fails is moved at once. This message was not moved, so its last attempt did not complete,
                // usually because the process ended.
                await MoveToPoisonAsync(lease, poison, "its last invocation did not complete");
            }
            else if (!MessageText.TryDecode(message.Body.ToMemory(), settings.MessageEncoding, out var body) && poison is not null)
            {
                await MoveToPoisonAsync(lease, poison, "it is not in base64, as messageEncoding in host.json requires");
            }
            else if (await invoker.InvokeAsync(lease, body) is { } failure)
            {
                await HandleFailureAsync(lease, failure);
            }
            else
            {
                await DeleteAsync(lease);
            }
        }
        catch (Exception e)
        {
            LogNotSettled(FunctionName, lease.MessageId, StorageErrors.Describe(e));
        }
    }

    /// <summary>
    /// Makes the message visible again at once, even if its function still runs. A message that has expired cannot become visible, so it
    /// moves to the poison queue. Never throws.
    /// </summary>
    public async Task AbandonAsync(MessageLease lease, CancellationToken cancellationToken)
    {
        try
        {
            if (poison is not null && lease.IsHeld && lease.ExpiresWithin(TimeSpan.Zero))
                await MoveToPoisonAsync(lease, poison, Expired, cancellationToken);
            else if (await lease.TryEndAsync() && await lease.ReleaseAsync(TimeSpan.Zero, cancellationToken))
                LogReleased(FunctionName, lease.MessageId);
        }
        catch (Exception e)
        {
            LogNotSettled(FunctionName, lease.MessageId, StorageErrors.Describe(e));
        }
    }

    private async Task HandleFailureAsync(MessageLease lease, Exception failure)
    {
        if (lease.LossReason is { } loss)
        {
            LogLeaseLost(FunctionName, lease.MessageId, StorageErrors.Describe(loss));
            return;
        }

        if (!lease.IsHeld)
        {
            LogOutputsDropped(FunctionName, lease.MessageId);
            return;
        }

        if (lease.Token.IsCancellationRequested)
        {
            await AbandonAsync(lease, CancellationToken.None);
            return;
        }

        var attempt = lease.Message.DequeueCount;
        LogFailed(FunctionName, lease.MessageId, attempt, settings.MaxDequeueCount, failure.Message, failure);
        // Without a poison queue, attempts have no limit. So the message is not released at once: it stays hidden until the lease runs out.
        if (poison is null)
            return;
        if (attempt >= settings.MaxDequeueCount)
            await MoveToPoisonAsync(lease, poison, "it has failed too often");
        else if (lease.ExpiresWithin(settings.VisibilityTimeout))
            await MoveToPoisonAsync(lease, poison, Expired);
        else if (await lease.TryEndAsync())
            await lease.ReleaseAsync(settings.VisibilityTimeout, CancellationToken.None);
    }

    /// <summary>
    /// Moves the message to the poison queue. The copy is sent first, while the lease is still renewed, so that the message cannot be lost.
    /// </summary>
    private Task MoveToPoisonAsync(MessageLease lease, TargetQueue target, string reason) =>
        MoveToPoisonAsync(lease, target, reason, lease.Token);

    private async Task MoveToPoisonAsync(MessageLease lease, TargetQueue target, string reason, CancellationToken cancellationToken)
    {
        await target.SendAsync(lease.Message.Body.ToString(), cancellationToken);
        LogPoisoned(FunctionName, lease.MessageId, lease.Message.DequeueCount, target.Name, reason);
        await DeleteAsync(lease);
    }

    private async Task DeleteAsync(MessageLease lease)
    {
        if (!await lease.TryEndAsync())
        {
            if (lease.LossReason is { } loss)
                LogLeaseLost(FunctionName, lease.MessageId, StorageErrors.Describe(loss));
        }
        else if (!await lease.DeleteAsync() && !lease.ExpiresWithin(TimeSpan.Zero))
        {
            LogLeaseEndedBeforeDelete(FunctionName, lease.MessageId);
        }
    }

    [LoggerMessage(
        LogLevel.Error, "Function {Function} failed for message {Message}, attempt {DequeueCount} of {MaxDequeueCount}: {Reason}")]
    private partial void LogFailed(
        string function, string message, long dequeueCount, int maxDequeueCount, string reason, Exception exception);

    [LoggerMessage(
        LogLevel.Warning, "Function {Function}: message {Message} is now in {PoisonQueue}, after delivery {DequeueCount}: {Reason}.")]
    private partial void LogPoisoned(string function, string message, long dequeueCount, string poisonQueue, string reason);

    [LoggerMessage(
        LogLevel.Warning, "Function {Function} was cancelled for message {Message}, because its lease was lost: {Reason}")]
    private partial void LogLeaseLost(string function, string message, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "Function {Function}: the lease of message {Message} ended before the message was deleted, so the function may run twice for this "
        + "message.")]
    private partial void LogLeaseEndedBeforeDelete(string function, string message);

    [LoggerMessage(
        LogLevel.Information,
        "Function {Function}: the invocation for message {Message} ended after the message was released. Its outputs are not sent.")]
    private partial void LogOutputsDropped(string function, string message);

    [LoggerMessage(LogLevel.Information, "Function {Function}: message {Message} was released, because this process ends.")]
    private partial void LogReleased(string function, string message);

    [LoggerMessage(
        LogLevel.Warning,
        "Function {Function}: message {Message} could not be deleted, released or moved in the storage, so it will be delivered again. "
        + "{Reason}")]
    private partial void LogNotSettled(string function, string message, string reason);
}
