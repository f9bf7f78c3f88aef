using Azure.Storage.Queues.Models;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The lease of a message, which hides the message from other receivers. Each time half of its length has passed, the lease is renewed,
/// until <see cref="TryEndAsync"/> ends it. A renewal changes the pop receipt, which is needed to delete or release the message. When the
/// message expires, the renewals end and the lease continues, because no other receiver can get the message.
/// </summary>
internal sealed class MessageLease : IAsyncDisposable
{
    /// <summary>The tolerance for the times of a message, which the service returns in whole seconds.</summary>
    private static readonly TimeSpan ExpiryTolerance = TimeSpan.FromSeconds(2);

    private readonly SourceQueue _queue;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private readonly long _receivedAt;

    /// <summary>The time from the receive call until the message expires, by the service's clock; null when it is unknown.</summary>
    private readonly TimeSpan? _lifetime;

    // Only the renewal writes these fields. Other code reads them after the renewal has ended.
    private string _popReceipt;
    private long _leasedAt;

    /// <summary>The failure of an earlier renewal since the last success; null for none. A cancelled request does not count.</summary>
    private Exception? _failure;

    private Task _renewal = Task.CompletedTask;
    private bool _isEnding;

    /// <param name="leasedAt">
    /// A timestamp from before the receive call. The storage therefore hides the message for at least <see cref="TimeLeft"/>.
    /// </param>
    /// <param name="abortToken">Cancels <see cref="Token"/>. The lease continues.</param>
    public MessageLease(SourceQueue queue, QueueMessage message, long leasedAt, TimeProvider time, CancellationToken abortToken)
    {
        _queue = queue;
        Message = message;
        _popReceipt = message.PopReceipt;
        (_receivedAt, _leasedAt) = (leasedAt, leasedAt);
        _lifetime = message.ExpiresOn - message.NextVisibleOn + Length;
        _time = time;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(abortToken);
        Token = _cancellation.Token;
        _timer = time.CreateTimer(static state => ((MessageLease)state!).BeginRenewal(), this, Length / 2, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The message as it was received. Its pop receipt is out of date after a renewal.</summary>
    public QueueMessage Message { get; }

    public string MessageId => Message.MessageId;

    /// <summary>The token of the invocation. It is cancelled by the constructor's abort token, and when the lease is lost.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the lease was lost; null when it was not lost.</summary>
    public Exception? LossReason { get; private set; }

    /// <summary>Whether the message is still leased: <see cref="TryEndAsync"/> was not called, and the lease was not lost.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock)
                return !_isEnding && LossReason is null;
        }
    }

    private TimeSpan Length => _queue.LeaseLength;

    private TimeSpan RetryDelay => Length / 10;

    private TimeSpan TimeLeft => Length - _time.GetElapsedTime(_leasedAt);

    /// <summary>Whether the message expires within the time from now. The queue does not deliver an expired message again.</summary>
    public bool ExpiresWithin(TimeSpan duration) => _time.GetElapsedTime(_receivedAt) + duration + ExpiryTolerance >= _lifetime;

    /// <summary>Ends the renewals. A caller that receives true must delete or release the message at once.</summary>
    /// <returns>False when the lease was lost, or an earlier call has ended it.</returns>
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

        // The renewal is not cancelled. After a cancelled request, the valid pop receipt would be unknown.
        await renewal;
        return isFirst && LossReason is null;
    }

    /// <summary>Deletes the message. Call this after <see cref="TryEndAsync"/> has returned true.</summary>
    /// <returns>False when this process no longer holds the message, so that the message may be processed again.</returns>
    public Task<bool> DeleteAsync() =>
        TrySettleAsync(cancellationToken => _queue.DeleteAsync(MessageId, _popReceipt, cancellationToken), CancellationToken.None);

    /// <summary>Makes the message visible again after the timeout. Call this after <see cref="TryEndAsync"/> has returned true.</summary>
    /// <returns>False when this process no longer holds the message.</returns>
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
            using var limit = new CancellationTokenSource(TimeLeft > TimeSpan.Zero ? TimeLeft : TimeSpan.Zero, _time);
            _popReceipt = await _queue.UpdateVisibilityAsync(MessageId, _popReceipt, Length, limit.Token);
            _leasedAt = now;
            _failure = null;
            next = Length / 2;
        }
        catch (Exception e) when (StorageErrors.IsMessageMissing(e) && ExpiresWithin(TimeSpan.Zero))
        {
            // The message has expired, so there is nothing to renew.
            return;
        }
        catch (Exception e) when (StorageErrors.IsLeaseLost(e) || TimeLeft <= TimeSpan.Zero)
        {
            LossReason = e is OperationCanceledException cancelled ? FindCause(cancelled) : e;
            await _cancellation.CancelAsync();
            return;
        }
        catch (Exception e)
        {
            if (e is not OperationCanceledException)
                _failure = e;
            // The failure may be temporary, so the renewal is tried again until the lease runs out.
            next = TimeLeft < RetryDelay ? TimeLeft : RetryDelay;
        }

        lock (_lock)
        {
            if (!_isEnding)
                _timer.Change(next, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Returns the failure of an earlier renewal as the cause of a last renewal that the time limit has cancelled.</summary>
    private Exception FindCause(OperationCanceledException cancelled) => _failure ?? new TimeoutException(
        $"Queue \"{_queue.Name}\" did not renew the lease before its {Length.TotalSeconds:0} s ran out.", cancelled);

    /// <summary>Retries the operation until it succeeds. Throws the last failure shortly before the lease runs out.</summary>
    /// <returns>False when this process no longer holds the message.</returns>
    private async Task<bool> TrySettleAsync(Func<CancellationToken, Task> operation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await operation(cancellationToken);
                return true;
            }
            catch (Exception e) when (StorageErrors.IsLeaseLost(e))
            {
                return false;
            }
            catch (Exception) when (TimeLeft > RetryDelay && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(RetryDelay, _time, cancellationToken);
            }
        }
    }
}
