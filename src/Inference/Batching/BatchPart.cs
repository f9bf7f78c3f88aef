using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Items of one request in one batch.</summary>
/// <param name="IsWhole">Whether they are all items of the request.</param>
/// <param name="Attempt">The request's attempt that the part belongs to.</param>
internal readonly record struct BatchPart(QueuedRequest Request, int Start, int Count, bool IsWhole, int Attempt)
{
    /// <summary>The rows of an input whose items are its first dimension: the caller's tensor itself, or a view of it.</summary>
    public Tensor Rows(int input) => IsWhole ? Request.Inputs[input] : Request.Inputs[input].Rows(Start, Count);

    /// <summary>The slices of an input whose items are another dimension.</summary>
    public TensorSlices Slices(int input) => new(Request.Inputs[input], Start, Count);

    /// <summary>
    /// The inputs of a run of this part alone. Those of a whole request are the caller's tensors; otherwise they are views and copies, for
    /// the user of this method to dispose.
    /// </summary>
    public Tensor[] Inputs()
    {
        if (IsWhole)
            return Request.Inputs;
        var inputs = new Tensor[Request.Inputs.Length];
        try
        {
            for (var input = 0; input < inputs.Length; input++)
                inputs[input] = Input(input);
            return inputs;
        }
        catch
        {
            inputs.DisposeAll();
            throw;
        }
    }

    private Tensor Input(int input) => Request.Layout!.Inputs[input] switch
    {
        BatchLayout.Shared => Request.Inputs[input].View(),
        0 => Rows(input),
        var axis => Slices(input).Copy(axis),
    };
}
