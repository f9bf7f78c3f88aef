using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>
/// Limits the memory of one request: its inputs, and its outputs if the signature determines their size. The memory for the model's
/// intermediate results is unknown here.
/// </summary>
internal static class RequestSize
{
    /// <summary>
    /// If the inputs of a request with one item have fewer bytes than this number, the request is not checked. The outputs of such a
    /// request are assumed to be small.
    /// </summary>
    private const int SmallInput = 4 << 10;

    /// <summary>
    /// The limit for one request in bytes: a quarter of the memory that the process may use. Models may use half of the memory, and the
    /// last quarter is for other requests. Outputs whose sizes are unknown before the run are not counted in full.
    /// </summary>
    public static long Limit { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>Throws if a request needs more memory than the limit.</summary>
    /// <param name="inputs">The inputs in the signature's order, checked against it.</param>
    /// <param name="runsInGroups">
    /// Whether the request's rows run in groups of the same or similar length. The groups have copies of the inputs and outputs, so the
    /// request counts twice.
    /// </param>
    /// <param name="limit">The limit in bytes.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the request exceeds the limit.</exception>
    public static void ThrowIfTooLarge(ModelSignature signature, Tensor[] inputs, int[] outputs, bool runsInGroups, long limit)
    {
        var bytes = 0.0;
        foreach (var input in inputs)
            bytes += input.Data.Length;
        var items = CountItems(signature, inputs);
        if (items == 1 && bytes < SmallInput)
            return;
        foreach (var output in outputs)
            bytes += GetOutputSize(signature, signature.Outputs[output], inputs, items);
        bytes *= runsInGroups ? 2 : 1;
        if (bytes > limit)
        {
            throw InferenceException.InvalidRequest(
                $"The inputs and outputs of the request need {bytes:F0} bytes, but one request may need at most {limit}. Send fewer or "
                + "smaller items.");
        }
    }

    /// <summary>
    /// Returns the largest number of items in any input. Inputs may have different numbers of items if the request does not share a run.
    /// </summary>
    private static long CountItems(ModelSignature signature, Tensor[] inputs)
    {
        var items = 1L;
        for (var i = 0; i < inputs.Length && signature.ItemAxis != ItemAxis.None; i++)
            items = Math.Max(items, inputs[i].Shape[0]);
        return items;
    }

    /// <summary>Returns the size of an output in bytes. A dimension of unknown size counts as 1.</summary>
    private static double GetOutputSize(ModelSignature signature, TensorSpec output, Tensor[] inputs, long items)
    {
        double bytes = output.Type == ElementType.Bytes ? PackedBytes.PrefixSize : output.Type.Size();
        for (var axis = 0; axis < output.Shape.Rank; axis++)
        {
            bytes *= axis == 0 && signature.ItemAxis != ItemAxis.None ? items
                : output.Shape[axis] != Shape.Dynamic ? output.Shape[axis]
                : Math.Max(1, OutputShapes.FindSize(output.Symbols[axis], signature, inputs));
        }

        return bytes;
    }
}
