using Azure.Storage.Queues.Models;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The right to work on a message: it is invisible to others for a while, which is renewed at half of that until the lease ends.
/// Each renewal changes the pop receipt, without which the message can neither be deleted nor released.
/// </summary>
internal sealed class MessageLease : IAsyncDisposable
{
    private readonly SourceQueue _queue;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;

    // Written by the renewal alone, read once it is over.
    private string _popReceipt;
    private long _leasedAt;

    private Task _renewal = Task.CompletedTask;
    private bool _isEnding;

    /// <param name="leasedAt">The timestamp before the message was asked for: it is invisible for longer than is counted on.</param>
    /// <param name="abort">Cancels the invocation; the lease goes on.</param>
    public MessageLease(SourceQueue queue, QueueMessage message, long leasedAt, TimeProvider time, CancellationToken abort)
    {
        _queue = queue;
        Message = message;
        _popReceipt = message.PopReceipt;
        _leasedAt = leasedAt;
        _time = time;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(abort);
        Token = _cancellation.Token;
        _timer = time.CreateTimer(static state => ((MessageLease)state!).BeginRenewal(), this, Length / 2, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The message as it was received; its pop receipt is out of date after a renewal.</summary>
    public QueueMessage Message { get; }

    public string MessageId => Message.MessageId;

    /// <summary>Of the invocation: cancelled when it is told to end, and when the message is another's.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the message may be another's by now; null while it is ours.</summary>
    public Exception? Loss { get; private set; }

    /// <summary>Whether the lease still holds: it has not ended and is not lost.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock)
                return !_isEnding && Loss is null;
        }
    }

    private TimeSpan Length => _queue.LeaseLength;

    private TimeSpan RetryDelay => Length / 10;

    private TimeSpan Left => Length - _time.GetElapsedTime(_leasedAt);

    /// <summary>Ends the renewals. What is to become of the message must be done at once, and only by who is told that it may.</summary>
    /// <returns>False when the lease was lost, or ended by another before.</returns>
    public async ValueTask<bool> TryEndAsync()
    {
        bool isFirst;
        Task renewal;
        lock (_lock)
        {
            isFirst = !_isEnding;
            _isEnding = true;
            renewal = _renewal;
        }

        // Never cancelled: whether it had arrived, and so which pop receipt is right, could not be known.
        await renewal;
        return isFirst && Loss is null;
    }

    /// <summary>Takes the message out of the queue. To be called after the lease's end.</summary>
    /// <returns>False when it is another's, who will do it again.</returns>
    public Task<bool> DeleteAsync() =>
        TrySettleAsync(cancellationToken => _queue.DeleteAsync(MessageId, _popReceipt, cancellationToken), CancellationToken.None);

    /// <summary>Gives the message back, to be seen after a while. To be called after the lease's end.</summary>
    /// <returns>False when it is another's.</returns>
    public Task<bool> ReleaseAsync(TimeSpan visibilityTimeout, CancellationToken cancellationToken) => TrySettleAsync(
        token => _queue.UpdateVisibilityAsync(MessageId, _popReceipt, visibilityTimeout, token), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await TryEndAsync();
        await _timer.DisposeAsync();
        _cancellation.Dispose();
    }

    private void BeginRenewal()
    {
        lock (_lock)
        {
            if (!_isEnding)
                _renewal = Task.Run(RenewAsync);
        }
    }

    private async Task RenewAsync()
    {
        var now = _time.GetTimestamp();
        TimeSpan next;
        try
        {
            using var limit = new CancellationTokenSource(Left > TimeSpan.Zero ? Left : TimeSpan.Zero, _time);
            _popReceipt = await _queue.UpdateVisibilityAsync(MessageId, _popReceipt, Length, limit.Token);
            _leasedAt = now;
            next = Length / 2;
        }
        catch (Exception e) when (StorageErrors.IsNotOurs(e) || Left <= TimeSpan.Zero)
        {
            Loss = e is OperationCanceledException ? new TimeoutException("The lease was not renewed in time.") : e;
            await _cancellation.CancelAsync();
            return;
        }
        catch (Exception)
        {
            // Whatever it is may pass before the lease has; if not, it is the loss's reason.
            next = Left < RetryDelay ? Left : RetryDelay;
        }

        lock (_lock)
        {
            if (!_isEnding)
                _timer.Change(next, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Tries until the lease has run out.</summary>
    private async Task<bool> TrySettleAsync(Func<CancellationToken, Task> operation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await operation(cancellationToken);
                return true;
            }
            catch (Exception e) when (StorageErrors.IsNotOurs(e))
            {
                return false;
            }
            catch (Exception) when (Left > RetryDelay && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(RetryDelay, _time, cancellationToken);
            }
        }
    }
}
