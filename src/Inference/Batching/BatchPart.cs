using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The items of one request in one batch.</summary>
/// <param name="IsWhole">Whether the part holds all items of the request.</param>
/// <param name="Attempt">
/// The number of the request's attempt. A request that starts over begins a new attempt, and ignores the parts of earlier attempts.
/// </param>
/// <param name="Start">The position of the part's first item in the request.</param>
internal readonly record struct BatchPart(QueuedRequest Request, int Start, int Count, bool IsWhole, int Attempt)
{
    /// <summary>
    /// Returns the part's rows of an input whose items lie along the first axis. For a whole request, this is the caller's tensor;
    /// otherwise a view.
    /// </summary>
    public Tensor GetRows(int inputIndex) => IsWhole ? Request.Inputs[inputIndex] : Request.Inputs[inputIndex].Rows(Start, Count);

    /// <summary>Returns the part's slices of an input whose items lie along an axis other than the first.</summary>
    public TensorSlices GetSlices(int inputIndex) => new(Request.Inputs[inputIndex], Start, Count);

    /// <summary>
    /// Returns the inputs for a run of this part alone. For a whole request, these are the tensors of the request itself. Otherwise the
    /// inputs are views and copies, which the caller of this method disposes.
    /// </summary>
    public Tensor[] CreateInputs() =>
        IsWhole
            ? Request.Inputs
            : TensorArrays.Create(Request.Inputs.Length, this, static (part, inputIndex) => part.CreateInput(inputIndex));

    private Tensor CreateInput(int inputIndex) => Request.Layout!.Inputs[inputIndex] switch
    {
        BatchLayout.Shared => Request.Inputs[inputIndex].View(),
        0 => GetRows(inputIndex),
        var axis => GetSlices(inputIndex).Copy(axis),
    };
}
