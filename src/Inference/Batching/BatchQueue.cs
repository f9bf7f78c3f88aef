using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// The queue of one loaded model. A request that arrives while a compute slot is free runs at once, and a brief run stays on the caller's
/// thread. Other requests wait. Whenever the <see cref="Governor"/> grants the model a slot, the waiting requests form a batch. Joining
/// requests in a batch and splitting a request both need the permission of the model's <see cref="BatchContract"/>. After each part, a
/// split request queues again behind the other requests, so that it delays them by one part only.
/// </summary>
internal sealed class BatchQueue : ComputeClient, IDisposable
{
    /// <summary>
    /// The maximum number of runs of one request. The limit bounds the time for which one request uses the model.
    /// </summary>
    private const int MaxRuns = 1 << 16;

    /// <summary>
    /// The maximum number of items of a request that runs on its caller's thread, unless the maximum batch is larger. Runs that are brief
    /// with few items can take much longer with many items. Requests with more items therefore run on another thread.
    /// </summary>
    private const int MaxItemsOnCaller = 32;

    private readonly SharedSession _sharedSession;
    private readonly IModelSession _session;
    private readonly BatchContract _contract;
    private readonly Padding? _padding;
    private readonly ModelTelemetry _telemetry;
    private readonly Governor _governor;
    private readonly TimeProvider _time;
    private readonly PendingRequests _pending;
    private readonly BatchAudit _audit;
    private readonly BatchRun _run;

    /// <summary>The index of the input with the token ids; -1 when the items are not texts.</summary>
    private readonly int _tokenInput;

    /// <param name="sharedSession">The session. The callers' leases and the running batches keep the session loaded.</param>
    public BatchQueue(SharedSession sharedSession, BatchPolicy policy, ModelTelemetry telemetry, Governor governor, TimeProvider time)
    {
        (_sharedSession, _session, _contract) = (sharedSession, sharedSession.Session, policy.Contract);
        (_padding, _telemetry, _governor, _time) = (policy.Padding, telemetry, governor, time);
        _pending = new PendingRequests(_session, policy, telemetry, time, onReady: () => _governor.Enqueue(this));
        _audit = new BatchAudit(sharedSession, _pending, governor, time);
        _run = new BatchRun(_pending, _session, _audit, telemetry.Statistics, time);
        _tokenInput = TokenInput.FindIds(_session.Signature);
    }

    /// <summary>The numbers of waiting requests, of running batches, and of the running batches that were cancelled.</summary>
    public (int Waiting, int Running, int Cancelled) Counts => _pending.Counts;

    /// <summary>How long requests have waited without the end of a batch; zero when no request waits.</summary>
    public TimeSpan Stall => _pending.Stall;

    /// <summary>The padding that lets rows of different lengths share runs; null when such rows may not share runs.</summary>
    public Padding? RowPadding => _contract.AllowsJoining && _padding is { IsAllowed: true, CoversAll: true } ? _padding : null;

    /// <summary>
    /// Throws if the next request must be refused because of an overload. Call this before the inputs are read, because reading can take
    /// longer than a run.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: the request must be refused.</exception>
    public void ThrowIfOverloaded() => _pending.ThrowIfOverloaded(TypicalRun);

    /// <summary>Computes the requested outputs, in the requested order. The caller holds a lease and disposes the outputs.</summary>
    /// <param name="inputs">
    /// The inputs, checked against the signature. The caller owns the inputs, and must not change them until the task ends.
    /// </param>
    /// <param name="outputs">The indices of the requested outputs in the signature.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>, <see cref="InferenceError.RuntimeFailure"/>, or <see cref="InferenceError.InvalidRequest"/>
    /// when the contract does not permit the number of items, or the inputs differ in this number or in a padded dimension.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Tensor[]> RunAsync(Tensor[] inputs, int[] outputs, RequestOptions options, CancellationToken cancellationToken)
    {
        var items = CountItems(inputs);
        if (_contract.AllowsJoining)
            _padding?.ThrowIfLengthsDiffer(inputs);
        if (MayRunOnCaller(items, options) && _governor.TryEnter(this) is > 0 and var slots)
            return RunOnCallerAsync(inputs, outputs, items, slots, options, cancellationToken);

        var request = new QueuedRequest(inputs, outputs, items, options);
        return new ValueTask<Tensor[]>(_pending.AddAsync(request, TypicalRun, cancellationToken));
    }

    /// <summary>
    /// Runs the parts of a request, as many at once as there are slots. The first part is queued before the others, and only the first part
    /// can be refused because of an overload. A refusal therefore loses no computed part. The first failure cancels the other parts, and is
    /// thrown after all parts have ended.
    /// </summary>
    /// <param name="partCount">The number of parts, at least 1.</param>
    /// <param name="run">Runs one part, given the index and the options of the part.</param>
    public async Task RunPartsAsync(
        int partCount, RequestOptions options, Func<int, RequestOptions, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        var first = run(0, options, cancellationToken);
        var others = options with { IsAdmitted = true };
        try
        {
            // If the first part was refused, its task has failed by now, and the other parts are not queued.
            if (partCount == 1 || first.IsFaulted)
                await first.ConfigureAwait(false);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, partCount),
                new ParallelOptions { MaxDegreeOfParallelism = _governor.Slots, CancellationToken = cancellationToken },
                (part, token) => new ValueTask(part == 0 ? first : run(part, others, token))).ConfigureAwait(false);
        }
        finally
        {
            // If the token was cancelled before the loop, the loop has not awaited the first part.
            await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns the maximum number of items of a run, if each item has <paramref name="length"/> tokens.</summary>
    /// <param name="length">The number of tokens of an item; 0 for items that are not texts.</param>
    public int GetMaxItems(int length) => BatchFormation.GetMaxItems(_pending.MaxBatch, length);

    public override async ValueTask<TimeSpan?> RunNextAsync()
    {
        var batch = _pending.TakeBatch(TypicalRun, out var isMoreDue);
        // The callers hold the leases and may cancel before the run ends, so the run retains the session.
        if (batch is not null)
            _sharedSession.Retain();
        _governor.OnBatchFormed(this, isMoreDue);
        if (batch is null)
            return null;
        try
        {
            return await RunGrantedAsync(batch).ConfigureAwait(false);
        }
        finally
        {
            _sharedSession.Release();
        }
    }

    /// <summary>Disposes the queue. Call this after the last lease has ended, so that no request waits or runs.</summary>
    public void Dispose()
    {
        _pending.Dispose();
        _audit.Dispose();
    }

    /// <summary>
    /// Whether a request may run on its caller's thread. Brief parts of a request after the first wait in the queue, because thousands of
    /// them would otherwise hold the thread without a pause. A call of another server holds no thread.
    /// </summary>
    private bool MayRunOnCaller(RequestItems items, in RequestOptions options) =>
        !items.AreSplit && items.Count <= Math.Max(_pending.MaxBatch, MaxItemsOnCaller) && !_pending.WaitsForFullerBatch
        && ((IsBrief && !options.IsAdmitted) || !_session.ComputesInProcess);

    private async ValueTask<Tensor[]> RunOnCallerAsync(
        Tensor[] inputs, int[] outputs, RequestItems items, int slots, RequestOptions options, CancellationToken cancellationToken)
    {
        options.Trace?.RecordRunStart(batch: default);
        var started = _time.GetTimestamp();
        var succeeded = false;
        try
        {
            var results = await _session.RunAsync(inputs, outputs, options.Deadline, cancellationToken).ConfigureAwait(false);
            succeeded = true;
            _pending.EndContractIfShapesDiffer(items.Layout, outputs, results, items.Count);
            return results;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _telemetry.RecordCancellation(wasRunning: true, skippedItems: 0);
            throw;
        }
        finally
        {
            var elapsed = _time.GetElapsedTime(started);
            _governor.Exit(this, slots, elapsed);
            options.Trace?.RecordRunEnd();
            _telemetry.RecordDirectRun(elapsed, items.Count, succeeded);
        }
    }

    /// <summary>Runs a batch on the granted slots.</summary>
    /// <returns>The duration of the run.</returns>
    private async ValueTask<TimeSpan?> RunGrantedAsync(Batch batch)
    {
        var started = _time.GetTimestamp();
        var trace = BatchTrace.Start(batch);
        foreach (var part in batch.Parts)
        {
            // For a split request, only the wait of the first part is recorded, because the later parts wait for the earlier parts.
            if (part.Start == 0)
                _telemetry.RecordWait(_time.GetElapsedTime(part.Request.QueuedAt!.Value, started));
        }

        await _run.RunAsync(batch).ConfigureAwait(false);
        _pending.Remove(batch);
        trace?.Stop();
        var elapsed = _time.GetElapsedTime(started);
        _telemetry.RecordRun(elapsed, batch.ItemCount);
        return elapsed;
    }

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the request has too many items, its inputs differ in the number of items, or the model
    /// accepts only one item per request.
    /// </exception>
    private RequestItems CountItems(Tensor[] inputs)
    {
        if (_contract.Layout is { } layout)
        {
            var items = RequestItems.CountAlong(layout, inputs, out var mismatch);
            if (mismatch < 0 && items > 0)
            {
                var length = _tokenInput < 0 ? 0 : (int)inputs[_tokenInput].Shape[1];
                return new RequestItems(items, layout, MustSplit(inputs, items, length), length);
            }

            // Inputs with different numbers of items are an error, unless the permission comes from the server's proof: the model may then
            // accept the request as it was sent.
            if (mismatch >= 0 && _contract.Kind != BatchContractKind.Proven)
                throw _session.Signature.CreateUnequalItemsError(inputs, mismatch, 0);
        }

        var whole = RequestItems.ForWholeRequest(_session.Signature, inputs);
        if (whole.Count > 1 && _contract is { Kind: BatchContractKind.SingleItem, Violation: { } violation })
        {
            throw InferenceException.InvalidRequest(
                $"The request has {whole.Count} items, but the model accepts only one at a time: {violation} "
                + "Send each item in a request of its own.");
        }

        return whole;
    }

    /// <summary>Whether the items of a request are split over several runs.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the request has too many items.</exception>
    private bool MustSplit(Tensor[] inputs, int items, int length)
    {
        var maxBatch = GetMaxItems(length);
        // A request with strings is not split, because each part would have to read all strings before its first string.
        if (items <= maxBatch || Array.Exists(inputs, input => input.Type == ElementType.Bytes))
            return false;
        if (items <= (long)maxBatch * MaxRuns)
            return true;
        // The request runs as a whole, which ONNX Runtime accepts. Two models refuse the request: one that takes one item per run, and one
        // whose owner has declared the contract and set the maximum batch. A measured maximum can be small by chance.
        if (_contract.Kind == BatchContractKind.Proven || (_contract.Kind == BatchContractKind.Declared && !_pending.IsMaxBatchSet))
            return false;
        throw CreateTooManyItemsError(items, (items + maxBatch - 1) / maxBatch);
    }

    /// <summary>Returns the number of runs of a request whose items each need a run of their own.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the request needs too many runs.</exception>
    public static int CountRuns(long items) => items <= MaxRuns ? (int)items : throw CreateTooManyItemsError(items, items);

    private static InferenceException CreateTooManyItemsError(long items, long runs) => InferenceException.InvalidRequest(
        $"{items} items need {runs} runs of this model, but a request may need at most {MaxRuns}. Send fewer items at once.");
}
