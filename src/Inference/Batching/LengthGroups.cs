using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Runs a request whose rows differ in length and were padded to one, though the model cannot tell padding from content: rows of one
/// length are one run, without padding.
/// </summary>
internal static class LengthGroups
{
    /// <summary>Computes what <see cref="BatchQueue.RunAsync"/> does, for such a request.</summary>
    /// <param name="inputs">Of rank 2.</param>
    /// <param name="terms">With a length for each row.</param>
    /// <param name="atOnce">The most runs at a time.</param>
    /// <returns>The outputs with their rows in the request's order; rows of outputs that differ in length are filled up with zeros.</returns>
    public static async ValueTask<Tensor[]> RunAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, int atOnce, RunTerms terms, CancellationToken cancellationToken)
    {
        var lengths = terms.RowLengths;
        var groups = Enumerable.Range(0, lengths.Length).GroupBy(row => lengths[row]).Select(group => group.ToArray()).ToList();
        var results = new Tensor[groups.Count][];
        try
        {
            // The first failure cancels the others and is thrown when all have ended.
            await Parallel.ForEachAsync(
                Enumerable.Range(0, groups.Count),
                new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
                async (group, token) => results[group] = await RunAsync(group, token).ConfigureAwait(false)).ConfigureAwait(false);
            return [.. outputs.Select((_, output) => Merge(groups, results, output))];
        }
        finally
        {
            foreach (var result in results)
                result?.DisposeAll();
        }

        async ValueTask<Tensor[]> RunAsync(int group, CancellationToken token)
        {
            var rows = groups[group];
            var own = Array.ConvertAll(inputs, input => TakeRows(input, rows, lengths[rows[0]]));
            try
            {
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
                    $"The texts differ in length and ran apart, but the model answered {groups[group].Length} of them with an output of shape "
                    + $"{tensor.Shape}: send them one by one.");
            }

            for (var row = 0; row < groups[group].Length; row++)
                rows[groups[group][row]] = tensor.Rows(row, 1);
        }

        return rows[0].Type == ElementType.Bytes ? Tensor.Concatenate(rows) : TensorBox.Join(rows, stackalloc byte[rows[0].Type.Size()]);
    }
}
