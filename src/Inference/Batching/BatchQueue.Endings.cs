using Inference.Diagnostics;
using Inference.Tensors;

namespace Inference.Batching;

/// <content>How a request ends: answered, failed, left by its caller, or started over because its contract has ended.</content>
internal sealed partial class BatchQueue
{
    internal void Leave(QueuedRequest request, CancellationToken cancellationToken)
    {
        if (Fail(request, new OperationCanceledException(cancellationToken)))
            InferenceMetrics.Cancelled(_model.Tags, request.IsTaken, request.Remaining);
    }

    /// <summary>Fails the request that the part belongs to, unless the request has started over since.</summary>
    internal void Fail(BatchPart part, Exception failure)
    {
        lock (_gate)
        {
            if (part.Request.IsStale(part))
                return;
        }

        Fail(part.Request, failure);
    }

    /// <summary>Takes over the rows of a part. A request that was split under a contract that has ended since starts over.</summary>
    internal void Deliver(BatchPart part, Tensor[] rows)
    {
        bool added, settle, isVoid;
        lock (_gate)
        {
            isVoid = !part.IsWhole && !_contract.AllowsSplitting && !part.Request.IsStale(part);
            settle = false;
            added = !isVoid && part.Request.TryAdd(part, rows, out settle);
        }

        if (!added)
            rows.DisposeAll();
        if (settle)
            part.Request.Settle();
        if (isVoid)
            StartOver(part.Request);
    }

    internal void StopReading(BatchPart part)
    {
        bool settle;
        lock (_gate)
            settle = part.Request.StopReading();
        if (settle)
            part.Request.Settle();
    }

    /// <summary>A batch of one part of another, to run it by itself; null when its caller is gone.</summary>
    internal Batch? TakeAlone(BatchPart part)
    {
        lock (_gate)
        {
            if (!part.Request.TryReread())
                return null;
            var batch = new Batch([part]);
            _running.Add(batch);
            return batch;
        }
    }

    /// <summary>Ends the contract if the outputs of a run contradict it: requests that wait split then start over at once.</summary>
    internal void CheckRows(int[] outputs, Tensor[] results, int items)
    {
        if (!_contract.IsEndedBy(_session.Signature, outputs, results, items))
            return;
        _model.ContractEnded();
        List<QueuedRequest> split;
        lock (_gate)
            split = [.. _waiting.Split()];
        foreach (var request in split)
            StartOver(request);
    }

    /// <summary>Has a request that was split run whole. A model that takes one item a run cannot: there the request fails.</summary>
    internal void StartOver(QueuedRequest request)
    {
        if (_contract.Kind == BatchContractKind.SingleItem)
        {
            var message = $"The items of the request cannot be told apart in the outputs: {_contract.Violation}";
            Fail(request, new InferenceException(InferenceError.RuntimeFailure, message));
            return;
        }

        List<(int Start, Tensor[] Rows)>? dropped;
        bool due;
        lock (_gate)
        {
            if (!request.TryStartOver(out dropped))
                return;
            if (!_waiting.Contains(request))
                _waiting.Insert(request);
            due = IsDue();
        }

        foreach (var (_, rows) in dropped ?? [])
            rows.DisposeAll();
        if (due)
            _governor.Ready(this);
    }

    /// <returns>Whether that has ended it: it may have ended before.</returns>
    private bool Fail(QueuedRequest request, Exception failure)
    {
        List<Batch>? abandoned = null;
        bool settle;
        lock (_gate)
        {
            if (request.HasEnded)
                return false;
            settle = request.Fail(failure);
            _waiting.Remove(request);
            foreach (var batch in _running)
            {
                if (!batch.HasCallers)
                    (abandoned ??= []).Add(batch);
            }
        }

        // Outside the lock, like everything that runs code of others.
        foreach (var batch in abandoned ?? [])
            batch.Abandon();
        if (settle)
            request.Settle();
        return true;
    }
}
