using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Runs a request in a queue. Rows that differ in length run in groups. If padding does not change the results, a group holds rows of
/// similar length, within the limits of a batch. Otherwise all rows of a group have the same length.
/// </summary>
internal static class LengthGroups
{
    /// <summary>
    /// Computes the outputs of a request. The rows run in groups if <paramref name="options"/> contains their lengths.
    /// </summary>
    /// <param name="inputs">The inputs. If <paramref name="options"/> contains row lengths, every input has rank 2.</param>
    /// <returns>The outputs with their rows in the request's order. Shorter rows of an output are padded with zeros.</returns>
    public static ValueTask<Tensor[]> RunAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RequestOptions options, CancellationToken cancellationToken) =>
        options.RowLengths.IsDefaultOrEmpty
            ? queue.RunAsync(inputs, outputs, options, cancellationToken)
            : RunInGroupsAsync(queue, inputs, outputs, options, cancellationToken);

    private static async ValueTask<Tensor[]> RunInGroupsAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RequestOptions options, CancellationToken cancellationToken)
    {
        var padding = queue.RowPadding;
        var results = await RunGroupsOnceAsync(queue, padding, inputs, outputs, options, cancellationToken).ConfigureAwait(false);
        if (padding is null || queue.RowPadding is not null)
            return results;
        // A run has ended the contract in the meantime, so the padded rows may be wrong.
        results.DisposeAll();
        return await RunGroupsOnceAsync(queue, padding: null, inputs, outputs, options with { IsAdmitted = true }, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async ValueTask<Tensor[]> RunGroupsOnceAsync(
        BatchQueue queue, Padding? padding, Tensor[] inputs, int[] outputs, RequestOptions options, CancellationToken cancellationToken)
    {
        var lengths = options.RowLengths;
        var groups = Group(lengths, padding is null ? null : queue.GetMaxItems);
        var results = new Tensor[groups.Count][];
        try
        {
            async Task RunGroupAsync(int group, RequestOptions groupOptions, CancellationToken token) => results[group] =
                await RunRowsAsync(queue, padding, inputs, groups[group], outputs, groupOptions, token).ConfigureAwait(false);

            await queue.RunPartsAsync(groups.Count, options, RunGroupAsync, cancellationToken).ConfigureAwait(false);
            return TensorArrays.Create(outputs.Length, results, (groupResults, output) =>
            {
                var merged = Merge(groups, groupResults, output, (row, rows) =>
                    padding?.FindCorner(outputs[output], rows, lengths[row]) ?? new TensorCorner(rows, rows.Shape));
                // The groups' results of this output are disposed now, so that only one output at a time is in memory twice.
                groupResults.Select(result => result[output]).DisposeAll();
                return merged;
            });
        }
        finally
        {
            foreach (var result in results)
                result?.DisposeAll();
        }
    }

    /// <summary>Runs some rows of a request.</summary>
    private static async ValueTask<Tensor[]> RunRowsAsync(
        BatchQueue queue, Padding? padding, Tensor[] inputs, int[] rows, int[] outputs, RequestOptions options,
            CancellationToken cancellationToken)
    {
        var groupInputs = new Tensor[inputs.Length];
        try
        {
            for (var input = 0; input < groupInputs.Length; input++)
            {
                var corners = Array.ConvertAll(
                    rows, row => new TensorCorner(inputs[input].Rows(row, 1), new Shape(1, options.RowLengths[row])));
                groupInputs[input] = padding?.Join(input, corners) ?? TensorPadding.Join(corners, fill: []);
            }

            return await queue.RunAsync(groupInputs, outputs, options with { RowLengths = default }, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            groupInputs.DisposeAll();
        }
    }

    /// <summary>
    /// Returns the rows of each group. Groups of longer rows come first, so that the last run is short. For example, the lengths 5, 9, 5
    /// form the groups [1] and [0, 2] if rows of different lengths cannot share a run.
    /// </summary>
    /// <param name="maxItems">
    /// Returns the maximum number of items of a run, given their length. The parameter is null when only rows of one length share a run.
    /// </param>
    private static List<int[]> Group(ImmutableArray<int> lengths, Func<int, int>? maxItems)
    {
        int[] rows = [.. Enumerable.Range(0, lengths.Length).OrderByDescending(row => lengths[row])];
        var groups = new List<int[]>();
        for (int start = 0, end; start < rows.Length; start = end)
        {
            var longest = lengths[rows[start]];
            var (maxRows, shortest) = maxItems is null ? (rows.Length, longest) : (maxItems(longest), longest - BatchFormation.MaxPadding);
            for (end = start + 1; end < rows.Length && end - start < maxRows && lengths[rows[end]] >= shortest;)
                end++;
            groups.Add(rows[start..end]);
        }

        return groups;
    }

    /// <summary>Merges one output of all groups.</summary>
    /// <param name="findCorner">
    /// Returns the part of a result that belongs to a row. The arguments are the row's index in the request, and the row's result.
    /// </param>
    private static Tensor Merge(List<int[]> groups, Tensor[][] results, int output, Func<int, Tensor, TensorCorner> findCorner)
    {
        var rows = new TensorCorner[groups.Sum(group => group.Length)];
        for (var group = 0; group < groups.Count; group++)
        {
            var tensor = results[group][output];
            if (tensor.Shape.Rank == 0 || tensor.Shape[0] != groups[group].Length || tensor.Shape.Rank != results[0][output].Shape.Rank)
                throw CreateMissingRowsError(groups[group].Length, tensor.Shape);
            for (var index = 0; index < groups[group].Length; index++)
            {
                var row = groups[group][index];
                rows[row] = findCorner(row, tensor.Rows(index, 1));
            }
        }

        return rows[0].Tensor.Type == ElementType.Bytes
            ? Tensor.Concatenate(Array.ConvertAll(rows, static row => row.Tensor))
            : TensorPadding.Join(rows, stackalloc byte[rows[0].Tensor.Type.Size()]);
    }

    private static InferenceException CreateMissingRowsError(int textCount, Shape shape) => new(
        InferenceError.RuntimeFailure,
        $"The texts differ in length and ran separately, but the output for {textCount} of them has shape {shape}. "
        + "Send the texts one by one.");
}
