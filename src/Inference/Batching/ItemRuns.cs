using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Runs each item of a request in a run of its own. An output whose items differ in shape stays separate for each item. Used for models
/// that take one item per run and return outputs of different sizes, such as the boxes of a detector.
/// </summary>
internal static class ItemRuns
{
    /// <summary>
    /// Whether the items may have outputs of different sizes. Returns false for inputs of byte strings, which are not split into items.
    /// </summary>
    /// <param name="isOneTensor">Whether the response is one tensor, which cannot hold outputs of different sizes.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the outputs may differ, and the response is one tensor.
    /// </exception>
    public static bool OutputsMayDiffer(ModelSignature signature, Tensor[] inputs, int[] outputs, bool isOneTensor)
    {
        var needsOneRun = signature.ItemAxis != ItemAxis.Single || inputs[0].Shape[0] <= 1;
        if (needsOneRun || Array.Exists(inputs, static input => input.Type == ElementType.Bytes))
            return false;
        foreach (var output in outputs)
        {
            if (!OutputShapes.IsItemSizeKnown(signature.Outputs[output], signature, inputs))
                return isOneTensor ? throw CreateNotOneTensorError(signature.Outputs[output], inputs[0].Shape[0]) : true;
        }

        return false;
    }

    /// <summary>Computes the outputs of every item.</summary>
    /// <returns>The outputs, which the caller disposes. Outputs whose items differ in size have <see cref="NamedTensor.Rows"/>.</returns>
    public static async Task<NamedTensor[]> RunAsync(
        BatchQueue queue, ModelSignature signature, Tensor[] inputs, int[] outputs, RequestOptions options,
            CancellationToken cancellationToken)
    {
        using var joined = new ItemOutputs(outputs.Length);
        async Task RunItemAsync(int item, RequestOptions itemOptions, CancellationToken token)
        {
            var rows = Array.ConvertAll(inputs, input => input.Rows(item, 1));
            var results = await RunAsync(queue, rows, outputs, itemOptions, token).ConfigureAwait(false);
            try
            {
                joined.Add(item, results);
            }
            finally
            {
                results.DisposeAll();
            }
        }

        await queue.RunPartsAsync(BatchQueue.CountRuns(inputs[0].Shape[0]), options, RunItemAsync, cancellationToken).ConfigureAwait(false);
        return joined.Take(signature, outputs);
    }

    private static InferenceException CreateNotOneTensorError(TensorSpec output, long itemCount) => InferenceException.InvalidRequest(
        $"The request has {itemCount} items, and output \"{output.Name}\" of shape {output.Shape} may differ in size from item to item, "
        + "so one tensor may not be able to hold the outputs. Send each item in a request of its own, or all of them to POST "
        + "/models/<model>/predict, which responds item by item.");

    private static async ValueTask<Tensor[]> RunAsync(
        BatchQueue queue, Tensor[] item, int[] outputs, RequestOptions options, CancellationToken cancellationToken)
    {
        var results = await queue.RunAsync(item, outputs, options, cancellationToken).ConfigureAwait(false);
        if (Array.Find(results, result => result.Shape.Rank == 0 || result.Shape[0] != 1) is not { } unexpected)
            return results;
        results.DisposeAll();
        throw new InferenceException(
            InferenceError.RuntimeFailure,
            $"The model returned an output of shape {unexpected.Shape} for one item; the first dimension must be 1. "
            + "Send the items one by one.");
    }
}
