using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Runs a batch. Joins the items of its requests, and delivers to each request its part of the outputs, or the failure.</summary>
/// <param name="audit">Audits some of the joined batches after their results were delivered.</param>
internal sealed class BatchRun(
    PendingRequests pending, IModelSession session, BatchAudit audit, ModelStatistics statistics, TimeProvider time)
{
    /// <summary>Runs the batch. Never throws: every failure is delivered to the requests.</summary>
    public Task RunAsync(Batch batch) => batch.Parts.Count == 1 ? RunAloneAsync(batch) : RunJoinedAsync(batch);

    private async Task RunAloneAsync(Batch batch)
    {
        var part = batch.Parts[0];
        Tensor[]? inputs = null;
        try
        {
            var started = time.GetTimestamp();
            inputs = part.CreateInputs();
            var rows = await session.RunAsync(inputs, part.Request.Outputs, batch.Deadline, batch.Abandoned).ConfigureAwait(false);
            statistics.RecordRun(part.Count, time.GetElapsedTime(started));
            pending.EndContractIfShapesDiffer(part.Request.Layout, part.Request.Outputs, rows, part.Count);
            pending.Deliver(part, rows);
        }
        catch (Exception e)
        {
            pending.Fail(part, e);
        }
        finally
        {
            if (!part.IsWhole)
                inputs?.DisposeAll();
            pending.RemoveReader(part);
        }
    }

    private async Task RunJoinedAsync(Batch batch)
    {
        AuditSample? sample = null;
        try
        {
            var joinStarted = time.GetTimestamp();
            var inputs = JoinInputs(batch, out sample);
            var started = time.GetTimestamp();
            var results = await RunAndDisposeInputsAsync(inputs, batch).ConfigureAwait(false);
            pending.EndContractIfShapesDiffer(batch.Layout, batch.Outputs, results, batch.ItemCount);
            // The check above counts only rows. Another run may have found wrong values meanwhile, and ended the permission to join
            // requests. The results of this batch are then not used.
            if (pending.Contract.AllowsJoining)
            {
                Complete(batch, results, sample, joinStarted, started);
                sample = null;
                return;
            }

            results.DisposeAll();
        }
        catch (Exception e) when (MaySucceedAlone(e))
        {
            // The requests run alone below.
        }
        catch (Exception e)
        {
            foreach (var part in batch.Parts)
                pending.Fail(part, e);
            return;
        }
        finally
        {
            if (sample is not null)
                audit.Drop(sample);
        }

        await RunEachAloneAsync(batch).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether requests may succeed alone after their batch has failed. The values of another request may have caused the failure, or the
    /// batch may need too much memory.
    /// </summary>
    private static bool MaySucceedAlone(Exception failure) => failure is OutOfMemoryException or InferenceException
    {
        Error: InferenceError.RuntimeFailure or InferenceError.InvalidRequest or InferenceError.Overloaded,
    };

    private async ValueTask<Tensor[]> RunAndDisposeInputsAsync(Tensor[] inputs, Batch batch)
    {
        try
        {
            return await session.RunAsync(inputs, batch.Outputs, batch.Deadline, batch.Abandoned).ConfigureAwait(false);
        }
        finally
        {
            inputs.DisposeAll();
        }
    }

    /// <param name="sample">Receives the part of the batch to audit; null for none.</param>
    private Tensor[] JoinInputs(Batch batch, out AuditSample? sample)
    {
        sample = null;
        try
        {
            sample = audit.TrySample(batch);
            return batch.JoinInputs(pending.Padding);
        }
        finally
        {
            foreach (var part in batch.Parts)
                pending.RemoveReader(part);
        }
    }

    /// <summary>Delivers the results, records the durations of the run, and passes the sample to the audit.</summary>
    /// <param name="joinStarted">The timestamp before the inputs were joined.</param>
    /// <param name="started">The timestamp at which the run started.</param>
    private void Complete(Batch batch, Tensor[] results, AuditSample? sample, long joinStarted, long started)
    {
        var ended = time.GetTimestamp();
        DeliverParts(batch, results, sample);
        statistics.RecordRun(
            batch.ItemCount, batch.Parts.Count, time.GetElapsedTime(joinStarted, started), time.GetElapsedTime(started, ended),
            time.GetElapsedTime(ended));
        audit.RecordRun(time.GetElapsedTime(started, ended), sample);
    }

    private void DeliverParts(Batch batch, Tensor[] results, AuditSample? sample)
    {
        try
        {
            var start = 0;
            foreach (var part in batch.Parts)
            {
                Deliver(part, results, start);
                start += part.Count;
            }

            if (sample is not null)
                CopyOutputs(sample, results);
        }
        finally
        {
            results.DisposeAll();
        }
    }

    /// <summary>
    /// Delivers the rows of one part. If no memory is left for them, the part's request fails and does not run again alone, unlike after a
    /// failed run. The other parts may have been delivered already.
    /// </summary>
    private void Deliver(BatchPart part, Tensor[] results, int start)
    {
        try
        {
            pending.Deliver(part, CopyItems(results, start, part));
        }
        catch (Exception e)
        {
            pending.Fail(part, e);
        }
    }

    private void CopyOutputs(AuditSample sample, Tensor[] results)
    {
        try
        {
            sample.Outputs = CopyItems(results, sample.FirstItem, sample.Part);
        }
        catch (Exception e) when (e is InferenceException or OutOfMemoryException)
        {
            // The results were delivered. Only the audit is dropped.
        }
    }

    private Tensor[] CopyItems(Tensor[] results, int start, BatchPart part) => TensorArrays.Create(
        results.Length, (Run: this, results, start, part),
        static (state, i) => state.Run.CopyItems(state.results[i], state.start, state.part, state.part.Request.Outputs[i]));

    private Tensor CopyItems(Tensor result, int start, BatchPart part, int output)
    {
        var axis = part.Request.Layout!.Outputs[output];
        if (axis > 0)
            return new TensorSlices(result, start, part.Count).Copy(axis);
        var rows = result.Rows(start, part.Count);
        return pending.Padding?.Crop(output, rows, part.Request.Inputs) ?? Tensor.Concatenate([rows]);
    }

    private async Task RunEachAloneAsync(Batch batch)
    {
        foreach (var part in batch.Parts)
        {
            if (!part.IsWhole && !pending.Contract.AllowsSplitting)
            {
                pending.StartOver(part.Request);
                continue;
            }

            if (pending.TakeAlone(part) is not { } alone)
                continue;
            await RunAloneAsync(alone).ConfigureAwait(false);
            pending.Remove(alone);
        }
    }
}
