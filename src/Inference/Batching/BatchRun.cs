using Inference.Models;
using Inference.Serving;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Runs a batch: gathers the rows of its requests, and deals each its own of the outputs or its own failure.</summary>
internal sealed class BatchRun(
    BatchQueue queue, IModelSession session, BatchContract contract, Padding? padding, ModelStatistics statistics, TimeProvider time)
{
    /// <summary>Never throws: whatever happens is an answer to the callers.</summary>
    public Task RunAsync(Batch batch) => batch.Parts.Count == 1 ? RunAloneAsync(batch) : RunJoinedAsync(batch);

    private async Task RunAloneAsync(Batch batch)
    {
        var part = batch.Parts[0];
        try
        {
            var inputs = part.Request.Inputs;
            if (!part.IsWhole)
            {
                inputs = new Tensor[inputs.Length];
                for (var input = 0; input < inputs.Length; input++)
                    inputs[input] = part.Rows(input);
            }

            var started = time.GetTimestamp();
            var rows = await session.RunWithinAsync(inputs, part.Request.Outputs, queue.TimeLeft(batch.Deadline), batch.Abandoned).ConfigureAwait(false);
            statistics.Ran(part.Count, time.GetElapsedTime(started));
            queue.CheckRows(part.Request.Outputs, rows, part.Count);
            queue.Deliver(part, rows);
        }
        catch (Exception e)
        {
            queue.Fail(part, e);
        }
        finally
        {
            queue.StopReading(part);
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
            queue.CheckRows(batch.Outputs, results, batch.Items);
            // Another run may have ended the contract meanwhile: then these rows prove nothing, though their number is right.
            if (contract.AllowsJoining)
            {
                var ended = time.GetTimestamp();
                Deal(batch, results);
                statistics.Ran(
                    batch.Items, batch.Parts.Count, time.GetElapsedTime(begun, started), time.GetElapsedTime(started, ended), time.GetElapsedTime(ended));
                return;
            }

            results.DisposeAll();
        }
        catch (InferenceException e) when (e.Error is InferenceError.RuntimeFailure or InferenceError.InvalidRequest)
        {
            // Perhaps one caller's values are at fault, or together they are too large: the others must not fail with it.
        }
        catch (Exception e)
        {
            foreach (var part in batch.Parts)
                queue.Fail(part, e);
            return;
        }

        await RunEachAloneAsync(batch).ConfigureAwait(false);
    }

    private async ValueTask<Tensor[]> RunOnceAsync(Tensor[] inputs, Batch batch)
    {
        try
        {
            return await session.RunWithinAsync(inputs, batch.Outputs, queue.TimeLeft(batch.Deadline), batch.Abandoned).ConfigureAwait(false);
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
            return batch.JoinInputs(padding);
        }
        finally
        {
            foreach (var part in batch.Parts)
                queue.StopReading(part);
        }
    }

    private void Deal(Batch batch, Tensor[] results)
    {
        try
        {
            var start = 0;
            foreach (var part in batch.Parts)
            {
                queue.Deliver(part, CopyRows(results, start, part));
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
        for (var output = 0; output < copies.Length; output++)
        {
            var rows = results[output].Rows(start, part.Count);
            copies[output] = padding?.Crop(part.Request.Outputs[output], rows, part.Request.Inputs) ?? Tensor.Concatenate([rows]);
        }

        return copies;
    }

    private async Task RunEachAloneAsync(Batch batch)
    {
        foreach (var part in batch.Parts)
        {
            if (!part.IsWhole && !contract.AllowsSplitting)
            {
                queue.StartOver(part.Request);
                continue;
            }

            if (queue.TakeAlone(part) is not { } alone)
                continue;
            await RunAloneAsync(alone).ConfigureAwait(false);
            queue.Ended(alone);
        }
    }
}
