using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The delivery of output rows to requests, and the end of the contract that permits joining or splitting them.</summary>
internal sealed partial class PendingRequests
{
    /// <summary>
    /// Takes ownership of the output rows of a part. A split request starts over if the contract no longer permits the split.
    /// </summary>
    /// <exception cref="InferenceException">
    /// The rows differ in shape from other rows of the same request, or no memory is left for them.
    /// </exception>
    public void Deliver(BatchPart part, Tensor[] rows)
    {
        if (!part.IsWhole)
        {
            DeliverSplit(part, rows);
            return;
        }

        bool isTaken, mustSettle;
        lock (_gate)
            isTaken = part.Request.TryEndWith(part, rows, out mustSettle);
        if (!isTaken)
            rows.DisposeAll();
        if (mustSettle)
            part.Request.Settle();
    }

    /// <summary>Ends the contract if the outputs of a run lack one slice per item. Waiting split requests then start over.</summary>
    /// <param name="layout">
    /// The layout of the items; null for a request that ran as it was sent. Such a run cannot contradict the contract.
    /// </param>
    public void EndContractIfShapesDiffer(BatchLayout? layout, int[] outputs, Tensor[] results, int items)
    {
        if (layout is not null && Contract.TryEndByShapes(_session.Signature, layout, outputs, results, items))
            StartOverSplitRequests();
    }

    /// <summary>
    /// Reports that the results of a part in a batch differed from its results in a run of its own. Ends the batch contract, so that
    /// requests no longer share runs.
    /// </summary>
    /// <param name="violation">A sentence that describes the difference.</param>
    public void ReportDifference(string violation)
    {
        if (Contract.TryEndByDifference(violation))
            StartOverSplitRequests();
    }

    /// <summary>Runs a split request again as a whole. If the model accepts only one item per run, the request fails instead.</summary>
    public void StartOver(QueuedRequest request)
    {
        if (Contract.Kind == BatchContractKind.SingleItem)
        {
            var message = $"The items of the request cannot be separated in the outputs: {Contract.Violation} "
                + "Send each item in a request of its own.";
            Fail(request, new InferenceException(InferenceError.RuntimeFailure, message));
            return;
        }

        SplitOutputs? dropped;
        lock (_gate)
        {
            if (!request.TryStartOver(out dropped))
                return;
            if (!_waiting.Contains(request))
                _waiting.Insert(request);
        }

        dropped?.Dispose();
        // Without a contract, no request waits for other requests, so a batch is due.
        _onReady();
    }

    private void DeliverSplit(BatchPart part, Tensor[] rows)
    {
        SplitOutputs? outputs;
        lock (_gate)
            outputs = MustStartOver(part) ? null : part.Request.TryGetSplitOutputs(part);
        try
        {
            outputs?.Add(part.Start, part.Count, rows);
        }
        finally
        {
            rows.DisposeAll();
        }

        bool mustStartOver, mustSettle;
        lock (_gate)
        {
            // The contract may have ended during the copy.
            mustStartOver = MustStartOver(part);
            mustSettle = !mustStartOver && part.Request.CompletePart(part);
        }

        if (mustSettle)
            part.Request.Settle();
        if (mustStartOver)
            StartOver(part.Request);
    }

    /// <summary>Whether the request of a split part starts over, because the contract no longer allows the split.</summary>
    private bool MustStartOver(BatchPart part) => !Contract.AllowsSplitting && !part.Request.IsStale(part);

    /// <summary>Logs that the batch contract has ended, and restarts the waiting split requests.</summary>
    private void StartOverSplitRequests()
    {
        _telemetry.LogContractViolation(Contract.EndMessage!);
        List<QueuedRequest> split;
        lock (_gate)
            split = [.. _waiting.GetPartlyTaken()];
        foreach (var request in split)
            StartOver(request);
    }
}
