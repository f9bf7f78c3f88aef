using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Receives a function's messages in batches and processes each message in a task of its own. The next batch is received when only a few
/// messages are still being processed. A message that was delivered several times runs alone, because its processing may crash the process.
/// A limited number of messages that do not end stops no others: see <see cref="WaitForPlacesAsync"/>. Several listeners, in this process
/// or others, share a queue's messages.
/// </summary>
internal sealed partial class QueueListener(
    SourceQueue queue, MessageProcessor processor, QueueSettings settings, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// The longest wait after a storage error. The wait is short even when empty queues are polled rarely, so that the listener continues
    /// soon after the storage recovers.
    /// </summary>
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(5);

    private readonly ActiveMessages _activeMessages = new();
    private readonly PollingDelay _pollingDelay = new(settings.MaxPollingInterval);
    private readonly PollingDelay _retryDelay = new(MaxRetryDelay);
    private bool? _isReachable;

    /// <summary>Receives and processes messages until the stop, and then waits for the messages that are being processed.</summary>
    /// <param name="limits">The time limits after the stop.</param>
    /// <param name="stopToken">Stops the receiving. The messages that are being processed continue.</param>
    /// <param name="abortToken">
    /// Cancels the invocations. The messages of invocations that still do not end are released.
    /// </param>
    public async Task RunAsync(DrainLimits limits, CancellationToken stopToken, CancellationToken abortToken)
    {
        using var fetchCancellation = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopRegistration = stopToken.Register(() => fetchCancellation.CancelAfter(limits.Fetch));
        while (!stopToken.IsCancellationRequested)
        {
            await WaitForPlacesAsync(settings.NewBatchThreshold, stopToken);
            if (!stopToken.IsCancellationRequested)
                await FetchAsync(stopToken, abortToken, fetchCancellation.Token);
        }

        await DrainAsync(limits, abortToken);
    }

    private async Task FetchAsync(CancellationToken stopToken, CancellationToken abortToken, CancellationToken cancellationToken)
    {
        var nextSent = queue.NextSent;
        if (await TryReceiveAsync(stopToken, cancellationToken) is not var (messages, leasedAt))
        {
            await WaitWithoutThrowingAsync(Task.Delay(_retryDelay.Next(), time, stopToken));
            return;
        }

        if (messages.Length == 0)
        {
            await WaitWithoutThrowingAsync(nextSent.WaitAsync(_pollingDelay.Next(), time, stopToken));
            return;
        }

        _pollingDelay.Reset();
        // All leases are renewed from now on. Messages with fewer attempts run first, because they are less likely to crash the process.
        var leases = messages.Select(message => new MessageLease(queue, message, leasedAt, time, abortToken)).ToList();
        foreach (var lease in leases.OrderBy(lease => lease.Message.DequeueCount))
            await BeginAsync(lease, stopToken);
    }

    /// <summary>
    /// Starts to process a message. If the message must run alone, this method first waits until no other message has a place, and returns
    /// when the message has been processed or its place was lent.
    /// </summary>
    private async Task BeginAsync(MessageLease lease, CancellationToken stopToken)
    {
        var runsAlone = lease.Message.DequeueCount > settings.SharedAttempts;
        if (runsAlone)
            await WaitForPlacesAsync(maxPlaced: 0, stopToken);
        _activeMessages.Add(lease);
        // The processing starts on the thread pool, because a function may run for a long time before its first await.
        _ = Task.Run(() => ProcessAsync(lease, stopToken), CancellationToken.None);
        if (runsAlone)
            await WaitForPlacesAsync(maxPlaced: 0, stopToken);
    }

    /// <summary>
    /// Waits until at most <paramref name="maxPlaced"/> messages have places, or until the stop. If none of the messages ends during the
    /// length of a lease, their places are lent, up to <see cref="QueueSettings.MaxLentPlaces"/>. Messages that run for ever therefore
    /// delay the others only for that time. Beyond the limit, the others wait until a message ends.
    /// </summary>
    private async Task WaitForPlacesAsync(int maxPlaced, CancellationToken stopToken)
    {
        while (!stopToken.IsCancellationRequested)
        {
            var ended = _activeMessages.Ended;
            var wait = _activeMessages.WaitUntilAtMostAsync(maxPlaced);
            await WaitWithoutThrowingAsync(wait.WaitAsync(queue.LeaseLength, time, stopToken));
            if (wait.IsCompleted)
                return;
            if (_activeMessages.Ended == ended
                && !stopToken.IsCancellationRequested
                && _activeMessages.TryLendPlaces(settings.MaxLentPlaces, out var active))
            {
                PlacesLent(processor.FunctionName, queue.LeaseLength.TotalSeconds, active);
            }
        }
    }

    /// <returns>
    /// The messages and a timestamp from before their lease; null when the call was cancelled, or the storage failed or refused the
    /// request.
    /// </returns>
    private async Task<(QueueMessage[] Messages, long LeasedAt)?> TryReceiveAsync(
        CancellationToken stopToken, CancellationToken cancellationToken)
    {
        try
        {
            var count = await CountToReceiveAsync(stopToken, cancellationToken);
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
                QueueUnreadable(processor.FunctionName, queue.DisplayName, StorageErrors.Describe(e));
            _isReachable = false;
            return null;
        }
    }

    /// <summary>
    /// Decides how many messages to receive, by peeking at the queue. The service counts each receive as an attempt, even when the process
    /// ends before the function runs. A message that might crash the process is therefore received alone, so that no other message loses an
    /// attempt.
    /// </summary>
    private async Task<int> CountToReceiveAsync(CancellationToken stopToken, CancellationToken cancellationToken)
    {
        var peeked = await queue.PeekAsync(settings.BatchSize, cancellationToken);
        if (peeked.Length == 0)
            return 0;
        if (!peeked.Any(message => message.DequeueCount >= settings.SharedAttempts))
            return settings.BatchSize;
        await WaitForPlacesAsync(maxPlaced: 0, stopToken);
        return stopToken.IsCancellationRequested ? 0 : 1;
    }

    private async Task ProcessAsync(MessageLease lease, CancellationToken stopToken)
    {
        try
        {
            await using var owned = lease;
            if (stopToken.IsCancellationRequested)
                await processor.AbandonAsync(lease, CancellationToken.None);
            else
                await processor.ProcessAsync(lease);
        }
        finally
        {
            _activeMessages.Remove(lease);
        }
    }

    private async Task DrainAsync(DrainLimits limits, CancellationToken abortToken)
    {
        var drained = _activeMessages.WaitUntilNoneAsync();
        await WaitWithoutThrowingAsync(drained.WaitAsync(abortToken));
        await WaitWithoutThrowingAsync(drained.WaitAsync(limits.Cancel, time, CancellationToken.None));
        using var limit = new CancellationTokenSource(limits.Release, time);
        await WaitWithoutThrowingAsync(
            Task.WhenAll(_activeMessages.GetAll().Select(lease => processor.AbandonAsync(lease, limit.Token))).WaitAsync(limit.Token));
    }

    /// <summary>Waits without throwing. The caller checks the outcome.</summary>
    private static async Task WaitWithoutThrowingAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(LogLevel.Information, "Function {Function} reads queue {Queue}.")]
    private partial void QueueReadable(string function, string queue);

    [LoggerMessage(
        LogLevel.Warning,
        "Function {Function}: no invocation ended within {Seconds:0} s. Other messages are now received beside the {Count} in progress.")]
    private partial void PlacesLent(string function, double seconds, int count);

    [LoggerMessage(LogLevel.Warning, "Function {Function} cannot read queue {Queue}, and keeps trying: {Reason}")]
    private partial void QueueUnreadable(string function, string queue, string reason);
}
