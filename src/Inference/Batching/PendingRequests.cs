using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Holds the requests of one queue from arrival to end, waiting or in running batches. Decides which requests are admitted, which form the
/// next batch, and how each request ends. Thread-safe.
/// </summary>
internal sealed partial class PendingRequests : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IModelSession _session;
    private readonly BatchPolicy _policy;
    private readonly ModelTelemetry _telemetry;
    private readonly Action _onReady;
    private readonly Action<QueuedRequest, CancellationToken> _onCancelled;
    private readonly ITimer? _delayTimer;

    // The gate guards the following fields.
    private readonly Admission _admission;
    private readonly WaitingList _waiting;
    private readonly List<Batch> _running = [];

    /// <param name="onReady">Called outside the lock when a batch is due.</param>
    public PendingRequests(IModelSession session, BatchPolicy policy, ModelTelemetry telemetry, TimeProvider time, Action onReady)
    {
        (_session, _policy, _telemetry, _time) = (session, policy, telemetry, time);
        (_onReady, _onCancelled) = (onReady, OnCancelled);
        _admission = new Admission(policy, time);
        _waiting = new WaitingList(policy, time);
        if (policy.MaxDelay > TimeSpan.Zero && Contract.CanAllowJoining)
        {
            _delayTimer = time.CreateTimer(static pending =>
                ((PendingRequests)pending!).RaiseIfDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The numbers of waiting requests, of running batches, and of the running batches that were cancelled.</summary>
    public (int Waiting, int Running, int Cancelled) Counts
    {
        get
        {
            lock (_gate)
                return (_waiting.Count, _running.Count, _running.Count(static batch => batch.Abandoned.IsCancellationRequested));
        }
    }

    /// <summary>Whether requests wait for other requests even while a slot is free.</summary>
    public bool WaitsForFullerBatch => _delayTimer is not null && Contract.AllowsJoining;

    /// <summary>The maximum number of items in a run of joined or split requests; 1 while the contract does not allow joining.</summary>
    public int MaxBatch => Contract.AllowsJoining ? Math.Max(1, _policy.MaxBatch ?? _session.Plan.MaxBatch) : 1;

    /// <summary>
    /// Whether the model's settings determine <see cref="MaxBatch"/>. Otherwise the session's execution plan determines the maximum.
    /// </summary>
    public bool IsMaxBatchSet => _policy.MaxBatch is not null;

    public BatchContract Contract => _policy.Contract;

    public Padding? Padding => _policy.Padding;

    /// <summary>Disposes the queue. Every request must have ended, and no batch may run.</summary>
    public void Dispose() => _delayTimer?.Dispose();

    /// <summary>Adds a request to the queue.</summary>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits. The request then ends.</param>
    /// <returns>The outputs of the request, for the caller to dispose.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: the queue refuses the request.</exception>
    public Task<Tensor[]> AddAsync(QueuedRequest request, TimeSpan typicalRun, CancellationToken cancellationToken)
    {
        request.Watch(_onCancelled, cancellationToken);
        var isAdmitted = true;
        var retryAfter = TimeSpan.Zero;
        IReadOnlyList<QueuedRequest> late = [];
        var isDue = false;
        lock (_gate)
        {
            if (request.HasEnded)
                return request.Task;
            if (!request.IsAdmitted)
                isAdmitted = TryAdmit(typicalRun, out retryAfter, out late);
            if (isAdmitted)
            {
                _waiting.Insert(request);
                isDue = CheckDue();
            }
        }

        if (!isAdmitted)
        {
            request.StopWatching();
            throw FailLateAndCreateError(late, retryAfter);
        }

        if (isDue)
            _onReady();
        return request.Task;
    }

    /// <summary>Forms the next batch.</summary>
    /// <param name="isMoreDue">Whether another batch is due after this one.</param>
    /// <returns>Null when no batch is due.</returns>
    public Batch? TakeBatch(TimeSpan typicalRun, out bool isMoreDue)
    {
        lock (_gate)
        {
            var batch = TakeNextBatch(typicalRun);
            isMoreDue = CheckDue();
            return batch;
        }
    }

    /// <summary>Creates a batch from one part of another batch. Returns null when the part's request has ended.</summary>
    public Batch? TakeAlone(BatchPart part)
    {
        lock (_gate)
        {
            if (!part.Request.TryAddReader())
                return null;
            var batch = new Batch([part]);
            _running.Add(batch);
            return batch;
        }
    }

    /// <summary>Fails the request of the part, unless the request has started over after the part was taken.</summary>
    public void Fail(BatchPart part, Exception failure)
    {
        lock (_gate)
        {
            if (part.Request.IsStale(part))
                return;
        }

        Fail(part.Request, failure);
    }

    /// <summary>Reports that a run no longer reads the inputs of a part.</summary>
    public void RemoveReader(BatchPart part)
    {
        bool mustSettle;
        lock (_gate)
            mustSettle = part.Request.RemoveReader();
        if (mustSettle)
            part.Request.Settle();
    }

    private Batch? TakeNextBatch(TimeSpan typicalRun)
    {
        // The list may contain requests whose token was cancelled. The token's callback waits for this lock, and then ends the request.
        if (_waiting.Count == 0 || _waiting.SelectBatch(MaxBatch, Contract) > TimeSpan.Zero)
            return null;
        var batch = new Batch(_waiting.Take());
        _running.Add(batch);
        _admission.RecordRun(Contract.AllowsJoining ? batch.ItemCount : 1, hasMore: _waiting.Count > 0, typicalRun);
        return batch;
    }

    /// <summary>Whether a batch is due. If no batch is due, sets the timer to the time when the next batch is due.</summary>
    private bool CheckDue()
    {
        if (_waiting.Count == 0 || _delayTimer is null || !Contract.AllowsJoining)
            return _waiting.Count > 0;
        var wait = _waiting.SelectBatch(MaxBatch, Contract);
        if (wait > TimeSpan.Zero)
            _delayTimer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return wait == TimeSpan.Zero;
    }

    private void RaiseIfDue()
    {
        bool isDue;
        lock (_gate)
            isDue = CheckDue();
        if (isDue)
            _onReady();
    }

    private void OnCancelled(QueuedRequest request, CancellationToken cancellationToken)
    {
        if (Fail(request, new OperationCanceledException(cancellationToken)))
            _telemetry.RecordCancellation(request.IsPartlyTaken, request.Remaining);
    }

    /// <returns>False when the request had already ended.</returns>
    private bool Fail(QueuedRequest request, Exception failure)
    {
        List<Batch>? abandoned = null;
        bool mustSettle;
        lock (_gate)
        {
            if (request.HasEnded)
                return false;
            mustSettle = request.Fail(failure);
            _waiting.Remove(request);
            foreach (var batch in _running)
            {
                if (!batch.HasCallers)
                    (abandoned ??= []).Add(batch);
            }
        }

        // Cancellation callbacks run foreign code, so they run outside the lock.
        foreach (var batch in abandoned ?? [])
            batch.Abandon();
        if (mustSettle)
            request.Settle();
        return true;
    }
}
