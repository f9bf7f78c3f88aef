using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Fetches a function's messages, a batch when few enough are in work, and has each processed in a task of its own. Several
/// listeners, of this process or others, share a queue's messages.
/// </summary>
internal sealed partial class QueueListener(
    SourceQueue queue, MessageProcessor processor, QueueSettings settings, TimeProvider time, ILogger logger)
{
    /// <summary>A storage that is back is found soon, however rarely an empty queue is asked.</summary>
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>For a fetch under way when no more is wanted: cancelled, it could leave messages leased to nobody.</summary>
    private static readonly TimeSpan FetchPatience = TimeSpan.FromSeconds(2);

    /// <summary>For invocations that were cancelled to say so, and then for the release of the others' messages.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(2);

    private readonly MessagesInWork _inWork = new();
    private readonly PollingDelay _pollingDelay = new(settings.MaxPollingInterval);
    private readonly PollingDelay _retryDelay = new(MaxRetryDelay);
    private bool? _isReachable;

    /// <param name="stop">Ends the fetching; what is in work goes on.</param>
    /// <param name="abort">Cancels the invocations. What then does not end is left, and its message released.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var fetching = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopping = stop.Register(() => fetching.CancelAfter(FetchPatience));
        while (!stop.IsCancellationRequested)
        {
            await UntilAsync(_inWork.FallToAsync(settings.NewBatchThreshold).WaitAsync(stop));
            if (!stop.IsCancellationRequested)
                await FetchAsync(stop, abort, fetching.Token);
        }

        await DrainAsync(abort);
    }

    private async Task FetchAsync(CancellationToken stop, CancellationToken abort, CancellationToken fetching)
    {
        var next = queue.NextSent;
        var leasedAt = time.GetTimestamp();
        if (await TryReceiveAsync(fetching) is not { } messages)
        {
            await UntilAsync(Task.Delay(_retryDelay.Next(), time, stop));
            return;
        }

        if (messages.Length == 0)
        {
            await UntilAsync(next.WaitAsync(_pollingDelay.Next(), time, stop));
            return;
        }

        _pollingDelay.Reset();
        foreach (var message in messages)
        {
            var lease = new MessageLease(queue, message, leasedAt, time, abort);
            _inWork.Add(lease);
            // A function may run long before it awaits anything.
            _ = Task.Run(() => ProcessAsync(lease, stop), CancellationToken.None);
        }
    }

    /// <returns>Null when the storage cannot be reached, or does not serve us.</returns>
    private async Task<QueueMessage[]?> TryReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var messages = await queue.ReceiveAsync(settings.BatchSize, cancellationToken);
            if (_isReachable != true)
                Reads(processor.FunctionName, queue.Name);
            _isReachable = true;
            _retryDelay.Reset();
            return messages;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            if (_isReachable != false)
                CannotRead(processor.FunctionName, queue.Name, StorageErrors.Describe(e));
            _isReachable = false;
            return null;
        }
    }

    private async Task ProcessAsync(MessageLease lease, CancellationToken stop)
    {
        try
        {
            await using var owned = lease;
            if (stop.IsCancellationRequested)
                await processor.AbandonAsync(lease, CancellationToken.None);
            else
                await processor.ProcessAsync(lease);
        }
        finally
        {
            _inWork.Remove(lease);
        }
    }

    private async Task DrainAsync(CancellationToken abort)
    {
        var drained = _inWork.FallToAsync(0);
        await UntilAsync(drained.WaitAsync(abort));
        await UntilAsync(drained.WaitAsync(CancelPatience, time, CancellationToken.None));
        using var limit = new CancellationTokenSource(CancelPatience, time);
        await UntilAsync(Task.WhenAll(_inWork.All().Select(lease => processor.AbandonAsync(lease, limit.Token))).WaitAsync(limit.Token));
    }

    /// <summary>Waits without throwing; whoever calls looks at what has happened.</summary>
    private static async Task UntilAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Information, "Function {Function} reads queue {Queue}.")]
    private partial void Reads(string function, string queue);

    [LoggerMessage(LogLevel.Warning, "Function {Function} cannot read queue {Queue}, and keeps trying: {Reason}")]
    private partial void CannotRead(string function, string queue, string reason);
}
