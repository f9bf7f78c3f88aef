using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Fetches a function's messages, a batch when few enough are in work, and has each processed in a task of its own. A message that was
/// delivered several times runs alone: it may be the one that ends the process. Several listeners, of this process or others, share a
/// queue's messages.
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
            await UntilAsync(_inWork.WaitUntilAtMostAsync(settings.NewBatchThreshold).WaitAsync(stop));
            if (!stop.IsCancellationRequested)
                await FetchAsync(stop, abort, fetching.Token);
        }

        await DrainAsync(abort);
    }

    private async Task FetchAsync(CancellationToken stop, CancellationToken abort, CancellationToken fetching)
    {
        var next = queue.NextSent;
        if (await TryReceiveAsync(stop, fetching) is not var (messages, leasedAt))
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
        // All leases are renewed from now on. Messages with fewer attempts first: they are less likely to end the process.
        var leases = messages.Select(message => new MessageLease(queue, message, leasedAt, time, abort)).ToList();
        foreach (var lease in leases.OrderBy(lease => lease.Message.DequeueCount))
            await BeginAsync(lease, stop);
    }

    /// <summary>Begins to process a message; one that may run only alone is begun and ended while no other is in work.</summary>
    private async Task BeginAsync(MessageLease lease, CancellationToken stop)
    {
        var isAlone = lease.Message.DequeueCount > settings.SharedAttempts;
        if (isAlone)
            await UntilAsync(_inWork.WaitUntilAtMostAsync(0).WaitAsync(stop));
        _inWork.Add(lease);
        // A function may run long before it awaits anything.
        _ = Task.Run(() => ProcessAsync(lease, stop), CancellationToken.None);
        if (isAlone)
            await UntilAsync(_inWork.WaitUntilAtMostAsync(0).WaitAsync(stop));
    }

    /// <returns>The messages and the timestamp before their lease. Null when the storage cannot be reached, or refuses.</returns>
    private async Task<(QueueMessage[] Messages, long LeasedAt)?> TryReceiveAsync(
        CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            var count = await CountToReceiveAsync(stop, cancellationToken);
            var leasedAt = time.GetTimestamp();
            var messages = count == 0 ? [] : await queue.ReceiveAsync(count, cancellationToken);
            if (_isReachable != true)
                QueueReadable(processor.FunctionName, queue.Name);
            _isReachable = true;
            _retryDelay.Reset();
            return (messages, leasedAt);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            if (_isReachable != false)
                QueueUnreadable(processor.FunctionName, queue.Place, StorageErrors.Describe(e));
            _isReachable = false;
            return null;
        }
    }

    /// <summary>
    /// Looks at the queue before a batch is leased, because a lease counts as an attempt even when the process ends before the message
    /// runs. When one of the next messages may run only alone, nothing else is leased beside it.
    /// </summary>
    private async Task<int> CountToReceiveAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        var next = await queue.PeekAsync(settings.BatchSize, cancellationToken);
        if (next.Length == 0)
            return 0;
        if (!next.Any(message => message.DequeueCount >= settings.SharedAttempts))
            return settings.BatchSize;
        await UntilAsync(_inWork.WaitUntilAtMostAsync(0).WaitAsync(stop));
        return stop.IsCancellationRequested ? 0 : 1;
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
        var drained = _inWork.WaitUntilAtMostAsync(0);
        await UntilAsync(drained.WaitAsync(abort));
        await UntilAsync(drained.WaitAsync(CancelPatience, time, CancellationToken.None));
        using var limit = new CancellationTokenSource(CancelPatience, time);
        await UntilAsync(Task.WhenAll(_inWork.All().Select(lease => processor.AbandonAsync(lease, limit.Token))).WaitAsync(limit.Token));
    }

    /// <summary>Waits without throwing; whoever calls looks at what has happened.</summary>
    private static async Task UntilAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Information, "Function {Function} reads queue {Queue}.")]
    private partial void QueueReadable(string function, string queue);

    [LoggerMessage(LogLevel.Warning, "Function {Function} cannot read queue {Queue}, and keeps trying: {Reason}")]
    private partial void QueueUnreadable(string function, string queue, string reason);
}
