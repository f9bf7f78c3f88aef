using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Items of one request in one batch.</summary>
/// <param name="IsWhole">Whether they are all items of the request.</param>
/// <param name="Attempt">The request's attempt that the part belongs to.</param>
internal readonly record struct BatchPart(QueuedRequest Request, int Start, int Count, bool IsWhole, int Attempt)
{
    /// <summary>The rows of one input: the caller's tensor itself, or a view of it.</summary>
    public Tensor Rows(int input) => IsWhole ? Request.Inputs[input] : Request.Inputs[input].Rows(Start, Count);

    /// <summary>The rows of every input.</summary>
    public Tensor[] Inputs()
    {
        if (IsWhole)
            return Request.Inputs;
        var rows = new Tensor[Request.Inputs.Length];
        for (var input = 0; input < rows.Length; input++)
            rows[input] = Rows(input);
        return rows;
    }
}
