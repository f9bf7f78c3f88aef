using Inference.Remote.Calls;

namespace Inference.Remote;

/// <summary>
/// Whether a server answers, as far as that is known: its calls tell, and when none did lately, it is asked. Nothing runs in between.
/// </summary>
internal sealed class PeerContact(TimeProvider time) : IDisposable
{
    /// <summary>So long an answer is believed, and the lack of one.</summary>
    public static readonly TimeSpan Age = CallPolicy.BreakTime;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _asking = new(1);
    private PeerException? _failure;
    private long _at = time.GetTimestamp();

    /// <summary>Why it did not answer when it was asked, and no call has succeeded since.</summary>
    public PeerException? Failure => Volatile.Read(ref _failure);

    private bool IsRecent => Volatile.Read(ref _at) is not 0 and var at && time.GetElapsedTime(at) < Age;

    /// <summary>A call was answered.</summary>
    public void Answered() => Found(failure: null);

    /// <summary>A call failed by the server's fault: that may be one call's bad luck, so it is asked when somebody wants to know.</summary>
    public void Expire() => Volatile.Write(ref _at, 0);

    /// <summary>Sends one probe however many ask, and none when it is known.</summary>
    /// <returns>The server's problem; null for none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<PeerException?> AskAsync(Func<CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        if (IsRecent)
            return Failure;
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Who waited takes what the one before found.
            if (!IsRecent)
                Found(await ProbeAsync(probe, cancellationToken).ConfigureAwait(false));
            return Failure;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<PeerException?> ProbeAsync(Func<CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await probe(either.Token).ConfigureAwait(false);
            return null;
        }
        catch (PeerException e)
        {
            return e;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new PeerException(PeerFault.Busy, $"did not tell within {Limit.TotalSeconds} s whether it is ready.", e);
        }
    }

    private void Found(PeerException? failure)
    {
        Volatile.Write(ref _failure, failure);
        Volatile.Write(ref _at, time.GetTimestamp());
    }
}
