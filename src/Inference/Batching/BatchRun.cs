using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Runs a batch: gathers the rows of its requests, and delivers to each its own rows of the outputs or its own failure.</summary>
internal sealed class BatchRun(
    PendingRequests pending, IModelSession session, BatchPolicy policy, ModelStatistics statistics, TimeProvider time)
{
    /// <summary>Never throws: every failure is delivered to the requests.</summary>
    public Task RunAsync(Batch batch) => batch.Parts.Count == 1 ? RunAloneAsync(batch) : RunJoinedAsync(batch);

    private async Task RunAloneAsync(Batch batch)
    {
        var part = batch.Parts[0];
        try
        {
            var started = time.GetTimestamp();
            var rows = await session.RunAsync(part.Inputs(), part.Request.Outputs, batch.Deadline, batch.Abandoned).ConfigureAwait(false);
            statistics.Ran(part.Count, time.GetElapsedTime(started));
            pending.CheckRows(part.Request.Outputs, rows, part.Count);
            pending.Deliver(part, rows);
        }
        catch (Exception e)
        {
            pending.Fail(part, e);
        }
        finally
        {
            pending.StopReading(part);
        }
    }

    private async Task RunJoinedAsync(Batch batch)
    {
        try
        {
            var begun = time.GetTimestamp();
            var inputs = Gather(batch);
            var started = time.GetTimestamp();
            var results = await RunOnceAsync(inputs, batch).ConfigureAwait(false);
            pending.CheckRows(batch.Outputs, results, batch.Items);
            // Another run may have ended the contract meanwhile: then these rows prove nothing, though their number is right.
            if (policy.Contract.AllowsJoining)
            {
                var ended = time.GetTimestamp();
                Deal(batch, results);
                statistics.Ran(
                    batch.Items, batch.Parts.Count, time.GetElapsedTime(begun, started), time.GetElapsedTime(started, ended), time.GetElapsedTime(ended));
                return;
            }

            results.DisposeAll();
        }
        catch (InferenceException e) when (e.Error is InferenceError.RuntimeFailure or InferenceError.InvalidRequest or InferenceError.Overloaded)
        {
            // The values of one request may be at fault, or the batch may be too large: the others must not fail with it.
        }
        catch (OutOfMemoryException)
        {
            // Alone each of them needs less.
        }
        catch (Exception e)
        {
            foreach (var part in batch.Parts)
                pending.Fail(part, e);
            return;
        }

        await RunEachAloneAsync(batch).ConfigureAwait(false);
    }

    private async ValueTask<Tensor[]> RunOnceAsync(Tensor[] inputs, Batch batch)
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

    private Tensor[] Gather(Batch batch)
    {
        try
        {
            return batch.JoinInputs(policy.Padding);
        }
        finally
        {
            foreach (var part in batch.Parts)
                pending.StopReading(part);
        }
    }

    private void Deal(Batch batch, Tensor[] results)
    {
        try
        {
            var start = 0;
            foreach (var part in batch.Parts)
            {
                pending.Deliver(part, CopyRows(results, start, part));
                start += part.Count;
            }
        }
        finally
        {
            results.DisposeAll();
        }
    }

    private Tensor[] CopyRows(Tensor[] results, int start, BatchPart part)
    {
        var copies = new Tensor[results.Length];
        try
        {
            for (var output = 0; output < copies.Length; output++)
            {
                var rows = results[output].Rows(start, part.Count);
                copies[output] = policy.Padding?.Crop(part.Request.Outputs[output], rows, part.Request.Inputs) ?? Tensor.Concatenate([rows]);
            }

            return copies;
        }
        catch
        {
            copies.DisposeAll();
            throw;
        }
    }

    private async Task RunEachAloneAsync(Batch batch)
    {
        foreach (var part in batch.Parts)
        {
            if (!part.IsWhole && !policy.Contract.AllowsSplitting)
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
