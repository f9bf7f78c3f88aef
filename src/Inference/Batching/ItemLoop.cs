using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Splits one request's items over several runs in parallel, bounded, all cancelled when one fails or the caller leaves.
/// </summary>
internal static class ItemLoop
{
    /// <summary>Enough rows for a matrix kernel to reuse its weights; more only delays the other slots.</summary>
    private const int MaxItemsPerRun = 32;

    /// <summary>Every run costs some hundred bytes until the last has ended: one request may not take all the memory there is.</summary>
    private const int MaxRuns = 1 << 16;

    /// <param name="inputs">Checked against the session's signature.</param>
    public static async Task<Tensor[]> RunAsync(
        IModelSession session, Tensor[] inputs, int[] outputs, int parallelism, CancellationToken cancellationToken)
    {
        var perRun = ItemsPerRun(session.Signature.Batch, inputs);
        var items = perRun == 0 ? 0 : inputs[0].Shape[0];
        if (items <= perRun)
            return await session.RunAsync(inputs, outputs, cancellationToken).ConfigureAwait(false);

        var runs = (items + perRun - 1) / perRun;
        if (runs > MaxRuns)
            throw InferenceException.InvalidRequest($"{items} items take {runs} runs of this model, and one request may take {MaxRuns}: send fewer at once.");
        var parts = new Tensor[runs][];
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, parts.Length, options, async (part, token) =>
            {
                var start = (long)part * perRun;
                var rows = Array.ConvertAll(inputs, input => input.Rows(start, Math.Min(perRun, items - start)));
                parts[part] = await session.RunAsync(rows, outputs, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
            return Join(parts, outputs.Length);
        }
        finally
        {
            foreach (var tensor in parts.SelectMany(part => part ?? []))
                tensor.Dispose();
        }
    }

    /// <summary>The most items one run may take; 0 when the request cannot be split.</summary>
    private static int ItemsPerRun(BatchAxis axis, Tensor[] inputs) => axis switch
    {
        BatchAxis.None => 0,
        BatchAxis.One => 1,
        // Byte strings are found by walking all before them: splitting a large batch of them would walk it again and again.
        BatchAxis.Dynamic => inputs.Any(input => input.Type == ElementType.Bytes) ? 0 : MaxItemsPerRun,
    };

    private static Tensor[] Join(Tensor[][] parts, int outputs)
    {
        var joined = new Tensor[outputs];
        try
        {
            for (var output = 0; output < outputs; output++)
                joined[output] = Tensor.Concatenate([.. parts.Select(part => part[output])]);
            return joined;
        }
        catch
        {
            foreach (var tensor in joined)
                tensor?.Dispose();
            throw;
        }
    }
}
