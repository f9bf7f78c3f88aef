using Inference.Compute;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Audits the batch contract of a queue: the results of a request must not depend on the other requests of its run. After some runs of
/// several requests (joined runs), one part of the batch runs again alone, and the results are compared. Audits delay no response and no
/// request. Audits run one at a time after the responses, as background work on the compute slots. The first few audits are always made,
/// and so are the next few after a difference. Any other audit is made only if all audits so far took at most a hundredth of the time of
/// the joined runs. A part whose results differ runs alone a second time. If the two runs alone differ from each other, as with a random
/// operator, the difference proves nothing about batches.
/// </summary>
internal sealed class BatchAudit : ComputeClient, IDisposable
{
    /// <summary>
    /// The number of audits that are made regardless of <see cref="RunTimePerAuditTime"/>: at first, and again after each difference.
    /// </summary>
    private const int FreeAudits = 4;

    /// <summary>Another audit is due only if the joined runs took at least this many times the time of all audits so far.</summary>
    private const int RunTimePerAuditTime = 100;

    /// <summary>An audit may take this many times as long as its joined run, plus one second.</summary>
    private const int TimeoutFactor = 10;

    private readonly SharedSession _sharedSession;
    private readonly PendingRequests _pending;
    private readonly Governor _governor;
    private readonly TimeProvider _time;

    /// <summary>1 from the selection of a sample until its audit has ended or was abandoned; otherwise 0.</summary>
    private int _isBusy;
    private AuditSample? _sample;
    /// <summary>The time limit of the audit of <see cref="_sample"/>.</summary>
    private TimeSpan _timeLimit;
    private int _auditCount;
    /// <summary>
    /// The number of audits that are still made regardless of <see cref="RunTimePerAuditTime"/>. Every audit subtracts 1, so the number can
    /// be negative.
    /// </summary>
    private int _freeAudits = FreeAudits;

    /// <summary>The total duration of the joined runs.</summary>
    private long _joinedTicks;

    /// <summary>The total duration of the audits.</summary>
    private long _auditTicks;

    /// <param name="sharedSession">The session. An audit that still waits when the session ends is dropped.</param>
    public BatchAudit(SharedSession sharedSession, PendingRequests pending, Governor governor, TimeProvider time)
    {
        (_sharedSession, _pending, _governor, _time) = (sharedSession, pending, governor, time);
        IsBackground = true;
    }

    private bool IsDue =>
        Volatile.Read(ref _freeAudits) > 0 || Interlocked.Read(ref _auditTicks) * RunTimePerAuditTime <= Interlocked.Read(ref _joinedTicks);

    /// <summary>
    /// Selects a part of a batch that is about to run, if an audit is due. Later positions are selected first, because a model that mixes
    /// up the items of a batch can still be right for the first item.
    /// </summary>
    /// <returns>Null when no audit is due; otherwise the sample, for <see cref="RecordRun"/> or <see cref="Drop"/>.</returns>
    public AuditSample? TrySample(Batch batch)
    {
        if (!IsDue || Interlocked.Exchange(ref _isBusy, 1) == 1)
            return null;
        try
        {
            return new AuditSample(batch, batch.Parts.Count - 1 - (_auditCount % batch.Parts.Count));
        }
        catch (Exception e) when (e is InferenceException or OutOfMemoryException)
        {
            Volatile.Write(ref _isBusy, 0);
            return null;
        }
    }

    /// <summary>Reports a joined run after its results were delivered.</summary>
    /// <param name="sample">The result of <see cref="TrySample"/> for the run.</param>
    public void RecordRun(TimeSpan elapsed, AuditSample? sample)
    {
        Interlocked.Add(ref _joinedTicks, elapsed.Ticks);
        if (sample is null)
            return;
        if (sample.Outputs is null)
        {
            Drop(sample);
            return;
        }

        _timeLimit = TimeSpan.FromSeconds(1) + (TimeoutFactor * elapsed);
        Volatile.Write(ref _sample, sample);
        _governor.Enqueue(this);
    }

    /// <summary>Abandons the audit of a sample, so that another sample can be selected.</summary>
    public void Drop(AuditSample sample)
    {
        sample.Dispose();
        Volatile.Write(ref _isBusy, 0);
    }

    public override async ValueTask<TimeSpan?> RunNextAsync()
    {
        var sample = Interlocked.Exchange(ref _sample, null);
        _governor.OnBatchFormed(this, hasMore: false);
        if (sample is null)
            return null;
        if (!_sharedSession.TryRetain())
        {
            Drop(sample);
            return null;
        }

        try
        {
            var started = _time.GetTimestamp();
            await AuditAsync(sample).ConfigureAwait(false);
            var elapsed = _time.GetElapsedTime(started);
            Interlocked.Add(ref _auditTicks, elapsed.Ticks);
            return elapsed;
        }
        finally
        {
            Drop(sample);
            _sharedSession.Release();
        }
    }

    /// <summary>Abandons the waiting audit, because the session has ended.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _sample, null) is { } sample)
            Drop(sample);
    }

    /// <summary>Runs one audit. Never throws: a failed run is only counted, because a failure shows no difference.</summary>
    private async Task AuditAsync(AuditSample sample)
    {
        using var limit = new CancellationTokenSource(_timeLimit, _time);
        Tensor[]? alone = null;
        try
        {
            _auditCount++;
            Interlocked.Decrement(ref _freeAudits);
            alone = await RunAsync(sample, limit.Token).ConfigureAwait(false);
            var difference = AuditComparison.Find(sample.Outputs!, alone);
            var isConfirmed = difference is not null && await IsReproducibleAsync(sample, alone, limit.Token).ConfigureAwait(false);
            _pending.Contract.Record.CountAudit();
            if (!isConfirmed)
                return;
            Volatile.Write(ref _freeAudits, FreeAudits);
            _pending.ReportDifference(Describe(sample, difference!.Value));
        }
        catch (Exception)
        {
            // The run alone may need more time or memory than is free at the moment. Such a failure shows no difference.
            _pending.Contract.Record.CountFailedAudit();
        }
        finally
        {
            alone?.DisposeAll();
        }
    }

    /// <summary>Whether another run alone returns the same outputs for the same inputs.</summary>
    private async Task<bool> IsReproducibleAsync(AuditSample sample, Tensor[] alone, CancellationToken cancellationToken)
    {
        var repeated = await RunAsync(sample, cancellationToken).ConfigureAwait(false);
        try
        {
            return AuditComparison.Find(repeated, alone) is null;
        }
        finally
        {
            repeated.DisposeAll();
        }
    }

    private ValueTask<Tensor[]> RunAsync(AuditSample sample, CancellationToken cancellationToken) =>
        _sharedSession.Session.RunAsync(sample.Inputs, sample.Part.Request.Outputs, Deadline.None, cancellationToken);

    private string Describe(AuditSample sample, OutputDifference difference)
    {
        var name = _sharedSession.Session.Signature.Outputs[sample.Part.Request.Outputs[difference.OutputIndex]].Name;
        return $"Output \"{name}\" of {Counted.Text(sample.Part.Count, "item")} {difference.Describe(difference.Left)} in a run with "
            + $"{sample.OtherItemCount} more, and {difference.Describe(difference.Right)} in a run alone.";
    }
}
