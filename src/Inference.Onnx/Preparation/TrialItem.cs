using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>One item for trial runs, with the results of its run alone.</summary>
/// <param name="inputs">All inputs of the model with one item, disposed with it.</param>
internal sealed class TrialItem(Tensor[] inputs) : IDisposable
{
    public Tensor[] Inputs => inputs;

    /// <summary>The outputs of a run of the item alone, disposed with it.</summary>
    public Tensor[] Alone { get; set; } = [];

    /// <summary>
    /// For each output, the largest difference that the size of a run explains. Null for an item that only accompanies others, because it
    /// has no finite result, or because the size of a run alone changes its result too much.
    /// </summary>
    public double[]? Tolerances { get; set; }

    public void Dispose()
    {
        foreach (var tensor in inputs.Concat(Alone))
            tensor.Dispose();
    }
}
