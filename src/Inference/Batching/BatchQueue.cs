using Inference.Diagnostics;
using Inference.Models;
using Inference.Serving;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// The requests for one loaded model. One that finds a slot free runs at once, a brief run even on its caller's thread; the
/// others wait, and whenever the governor gives the model a slot a batch is formed of those who wait by then. Only the model's
/// <see cref="BatchContract"/> permits to join requests in a batch, or to split one: then requests larger than a batch go in parts, and after
/// each part the request queues behind the others, so that it holds up nobody.
/// </summary>
internal sealed partial class BatchQueue : ComputeClient, IDisposable
{
    /// <summary>Every run costs some hundred bytes until the last has ended: one request may not take all the memory there is.</summary>
    private const int MaxRuns = 1 << 16;

    /// <summary>How brief a run is was learned from runs of few items: one of more goes on a compute thread.</summary>
    private const int MaxItemsOnCaller = 32;

    private readonly Lock _gate = new();
    private readonly LoadedModel _model;
    private readonly IModelSession _session;
    private readonly BatchContract _contract;
    private readonly Governor _governor;
    private readonly BatchPolicy _policy;
    private readonly TimeProvider _time;
    private readonly BatchRun _run;
    private readonly ITimer? _delay;

    // Guarded by the gate.
    private readonly Admission _admission;
    private readonly WaitingList _waiting;
    private readonly List<Batch> _running = [];

    /// <param name="model">Owns the queue.</param>
    public BatchQueue(LoadedModel model, Governor governor, BatchPolicy policy, TimeProvider time)
    {
        (_model, _session, _contract, _governor, _policy, _time) = (model, model.Session, model.Contract, governor, policy, time);
        _run = new BatchRun(this, _session, _contract, policy.Padding, model.Statistics, time);
        _admission = new Admission(policy, time);
        _waiting = new WaitingList(policy, time);
        if (policy.MaxDelay > TimeSpan.Zero && _contract.AllowsJoining)
            _delay = time.CreateTimer(static queue => ((BatchQueue)queue!).Ready(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests that wait and batches that run.</summary>
    public (int Waiting, int Running) Load
    {
        get
        {
            lock (_gate)
                return (_waiting.Count, _running.Count);
        }
    }

    /// <summary>The most items of a run of joined or split requests.</summary>
    private int MaxBatch => _contract.Kind == BatchContractKind.Declared ? Math.Max(1, _policy.MaxBatch ?? _session.Plan.MaxBatch) : 1;

    /// <summary>Computes a request's outputs, in the order asked for; the caller, who holds a lease, disposes them.</summary>
    /// <param name="inputs">Checked against the signature; they stay the caller's, untouched until the answer is there.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>, <see cref="InferenceError.RuntimeFailure"/>, or for items that the contract does not
    /// allow <see cref="InferenceError.InvalidRequest"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Tensor[]> RunAsync(Tensor[] inputs, int[] outputs, RunTerms terms, CancellationToken cancellationToken)
    {
        if (!terms.RowLengths.IsDefaultOrEmpty)
            return LengthGroups.RunAsync(this, inputs, outputs, atOnce: _governor.Slots, terms, cancellationToken);
        var items = CountItems(inputs);
        var splits = Splits(inputs, items);
        if (!splits && items <= Math.Max(MaxBatch, MaxItemsOnCaller) && _delay is null && (IsBrief || !_session.ComputesHere)
            && _governor.TryEnter(this) is > 0 and var slots)
        {
            return RunHereAsync(inputs, outputs, items, slots, terms, cancellationToken);
        }

        var request = new QueuedRequest(this, inputs, outputs, items, splits, terms);
        Enqueue(request, cancellationToken);
        return new ValueTask<Tensor[]>(request.Task);
    }

    public override void Run(Grant grant)
    {
        Batch? batch;
        bool more;
        lock (_gate)
        {
            batch = Form();
            more = IsDue();
        }

        _governor.Formed(this, more);
        if (batch is null)
            _governor.Exit(this, grant.Slots, elapsed: null, grant.Charged);
        else
            _ = RunGrantedAsync(batch, grant);
    }

    /// <summary>Nobody has a lease any more, so nothing waits and nothing runs.</summary>
    public void Dispose() => _delay?.Dispose();

    internal TimeSpan? TimeLeft(long? deadline) => deadline is { } end ? _time.GetElapsedTime(_time.GetTimestamp(), end) : null;

    internal void Ended(Batch batch)
    {
        lock (_gate)
            _running.Remove(batch);
    }

    private async ValueTask<Tensor[]> RunHereAsync(
        Tensor[] inputs, int[] outputs, int items, int slots, RunTerms terms, CancellationToken cancellationToken)
    {
        terms.Trace?.Runs(batch: default);
        var started = _time.GetTimestamp();
        Tensor[]? results = null;
        try
        {
            results = await _session.RunWithinAsync(inputs, outputs, TimeLeft(terms.Deadline), cancellationToken).ConfigureAwait(false);
            CheckRows(outputs, results, items);
            return results;
        }
        finally
        {
            var elapsed = _time.GetElapsedTime(started);
            _governor.Exit(this, slots, elapsed, charged: 0);
            terms.Trace?.RunEnded();
            if (results is not null)
                _model.Statistics.Ran(items, elapsed);
            InferenceMetrics.Waited(_model.Tags, TimeSpan.Zero);
            InferenceMetrics.Ran(_model.Tags, elapsed, items);
        }
    }

    private async Task RunGrantedAsync(Batch batch, Grant grant)
    {
        var started = _time.GetTimestamp();
        var trace = BatchTrace.Start(batch);
        foreach (var part in batch.Parts)
        {
            // The other parts of a request waited for nothing but the first.
            if (part.Start != 0)
                continue;
            var waited = _time.GetElapsedTime(part.Request.Since!.Value, started);
            InferenceMetrics.Waited(_model.Tags, waited);
            _model.Statistics.Waited(waited);
        }

        try
        {
            await _run.RunAsync(batch).ConfigureAwait(false);
        }
        finally
        {
            Ended(batch);
            trace?.Stop();
            var elapsed = _time.GetElapsedTime(started);
            _governor.Exit(this, grant.Slots, elapsed, grant.Charged);
            InferenceMetrics.Ran(_model.Tags, elapsed, batch.Items);
            _model.Release();
        }
    }

    private void Ready()
    {
        bool due;
        lock (_gate)
            due = IsDue();
        if (due)
            _governor.Ready(this);
    }

    /// <summary>Whether a batch is to run now; otherwise the timer is set for when it is.</summary>
    private bool IsDue()
    {
        if (_waiting.Count == 0 || _delay is null || !_contract.AllowsJoining)
            return _waiting.Count > 0;
        var wait = _waiting.Ask(MaxBatch, _contract);
        if (wait > TimeSpan.Zero)
            _delay.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return wait == TimeSpan.Zero;
    }

    private Batch? Form()
    {
        // Those whose token has fired end any moment now, by the callback that waits for this lock.
        if (_waiting.Count == 0 || _waiting.Ask(MaxBatch, _contract) > TimeSpan.Zero)
            return null;
        var batch = new Batch(_waiting.Take());
        _running.Add(batch);
        _admission.Took(_contract.AllowsJoining ? batch.Items : 1, more: _waiting.Count > 0, TypicalRun);
        // A request that waited has a lease, but its caller may leave before the run ends.
        _model.Retain();
        return batch;
    }
}
