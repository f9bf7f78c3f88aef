using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Runs a request in a queue. Rows of different lengths may arrive padded to one length for a model that cannot distinguish padding from
/// content. Then the rows of each length form a run of their own, without padding.
/// </summary>
internal static class LengthGroups
{
    /// <summary>
    /// Computes the outputs of a request. Rows of different lengths run apart if <paramref name="terms"/> has their lengths.
    /// </summary>
    /// <param name="inputs">The inputs; of rank 2 where <paramref name="terms"/> has row lengths.</param>
    /// <returns>The outputs with their rows in the request's order. Outputs whose rows differ in length are filled up with zeros.</returns>
    public static ValueTask<Tensor[]> RunAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RunTerms terms, CancellationToken cancellationToken) =>
        terms.RowLengths.IsDefaultOrEmpty
            ? queue.RunAsync(inputs, outputs, terms, cancellationToken)
            : RunEachAsync(queue, inputs, outputs, terms, cancellationToken);

    private static async ValueTask<Tensor[]> RunEachAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RunTerms terms, CancellationToken cancellationToken)
    {
        var lengths = terms.RowLengths;
        var groups = Enumerable.Range(0, lengths.Length).GroupBy(row => lengths[row]).Select(group => group.ToArray()).ToList();
        var results = new Tensor[groups.Count][];
        try
        {
            // The first failure cancels the other runs. It is thrown after all have ended.
            await Parallel.ForEachAsync(
                Enumerable.Range(0, groups.Count),
                new ParallelOptions { MaxDegreeOfParallelism = queue.MaxRunsAtOnce, CancellationToken = cancellationToken },
                async (group, token) => results[group] = await RunAsync(group, token).ConfigureAwait(false)).ConfigureAwait(false);
            return MergeAll(groups, results, outputs.Length);
        }
        finally
        {
            foreach (var result in results)
                result?.DisposeAll();
        }

        async ValueTask<Tensor[]> RunAsync(int group, CancellationToken token)
        {
            var rows = groups[group];
            var own = new Tensor[inputs.Length];
            try
            {
                for (var input = 0; input < own.Length; input++)
                    own[input] = TakeRows(inputs[input], rows, lengths[rows[0]]);
                return await queue.RunAsync(own, outputs, terms with { RowLengths = default }, token).ConfigureAwait(false);
            }
            finally
            {
                own.DisposeAll();
            }
        }
    }

    private static Tensor TakeRows(Tensor input, int[] rows, int length)
    {
        using var whole = Tensor.Concatenate(Array.ConvertAll(rows, row => input.Rows(row, 1)));
        return TensorBox.Cut(whole, new Shape(rows.Length, length));
    }

    private static Tensor[] MergeAll(List<int[]> groups, Tensor[][] results, int outputs)
    {
        var merged = new Tensor[outputs];
        try
        {
            for (var output = 0; output < outputs; output++)
                merged[output] = Merge(groups, results, output);
            return merged;
        }
        catch
        {
            merged.DisposeAll();
            throw;
        }
    }

    private static Tensor Merge(List<int[]> groups, Tensor[][] results, int output)
    {
        var rows = new Tensor[groups.Sum(group => group.Length)];
        for (var group = 0; group < groups.Count; group++)
        {
            var tensor = results[group][output];
            if (tensor.Shape.Rank == 0 || tensor.Shape[0] != groups[group].Length || tensor.Shape.Rank != results[0][output].Shape.Rank)
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"The texts differ in length and ran apart, but the model returned for {groups[group].Length} of them an output of "
                    + $"shape {tensor.Shape}: send them one by one.");
            }

            for (var row = 0; row < groups[group].Length; row++)
                rows[groups[group][row]] = tensor.Rows(row, 1);
        }

        return rows[0].Type == ElementType.Bytes ? Tensor.Concatenate(rows) : TensorBox.Join(rows, stackalloc byte[rows[0].Type.Size()]);
    }
}
