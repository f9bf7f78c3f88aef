using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>One item for trial runs, with what the model answers it alone.</summary>
/// <param name="inputs">All inputs of the model, with one item; disposed with it.</param>
internal sealed class TrialItem(Tensor[] inputs) : IDisposable
{
    public Tensor[] Inputs => inputs;

    /// <summary>The outputs of a run of the item alone; disposed with it.</summary>
    public Tensor[] Alone { get; set; } = [];

    /// <summary>
    /// For each output the largest difference that the size of a run explains. Null for an item that is only company for others, because
    /// it has no finite result or the size of a run alone changes that.
    /// </summary>
    public double[]? Tolerances { get; set; }

    public void Dispose()
    {
        foreach (var tensor in inputs.Concat(Alone))
            tensor.Dispose();
    }
}
