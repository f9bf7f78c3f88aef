using Inference.Remote.Calls;

namespace Inference.Remote;

/// <summary>
/// Tracks whether a server responds. The results of calls show the state. A check calls the server (a probe) only when no result is recent.
/// </summary>
internal sealed class PeerHealth(TimeProvider time) : IDisposable
{
    /// <summary>How long the result of a call or a probe counts as recent.</summary>
    public static readonly TimeSpan MaxAge = CallPolicy.BreakTime;

    /// <summary>The timeout of a probe.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _probeGate = new(1);
    private PeerException? _failure;
    /// <summary>The time of the last result; 0 if the next check must send a probe.</summary>
    private long _recordedAt = time.GetTimestamp();

    /// <summary>The failure of the last probe; null after a successful probe or call.</summary>
    public PeerException? Failure => Volatile.Read(ref _failure);

    private bool IsRecent => Volatile.Read(ref _recordedAt) is not 0 and var recordedAt && time.GetElapsedTime(recordedAt) < MaxAge;

    /// <summary>Records a successful call.</summary>
    public void RecordSuccess() => Record(failure: null);

    /// <summary>
    /// Records that a call failed, perhaps because of the server. A single call may fail by chance, so the next check sends a probe.
    /// </summary>
    public void Invalidate() => Volatile.Write(ref _recordedAt, 0);

    /// <summary>Returns the server's state. Concurrent callers share one probe. No probe is sent while the state is recent.</summary>
    /// <returns>The server's problem; null for none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<PeerException?> CheckAsync(Func<CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        if (IsRecent)
            return Failure;
        await _probeGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A caller that has waited here uses the result of the probe that another caller has sent.
            if (!IsRecent)
                Record(await ProbeAsync(probe, cancellationToken).ConfigureAwait(false));
            return Failure;
        }
        finally
        {
            _probeGate.Release();
        }
    }

    public void Dispose() => _probeGate.Dispose();

    private async Task<PeerException?> ProbeAsync(Func<CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ProbeTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await probe(linked.Token).ConfigureAwait(false);
            return null;
        }
        catch (PeerException e)
        {
            return e;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new PeerException(PeerFault.Unavailable, $"did not report within {ProbeTimeout.TotalSeconds} s whether it is ready.", e);
        }
    }

    private void Record(PeerException? failure)
    {
        Volatile.Write(ref _failure, failure);
        Volatile.Write(ref _recordedAt, time.GetTimestamp());
    }
}
