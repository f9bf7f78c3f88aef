using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>One item for trial runs, with its results when it runs alone.</summary>
/// <param name="inputs">All inputs of the model with one item. The inputs are disposed with this object.</param>
internal sealed class TrialItem(Tensor[] inputs) : IDisposable
{
    public Tensor[] Inputs => inputs;

    /// <summary>The outputs of a run of the item alone. The outputs are disposed with this object.</summary>
    public Tensor[] ResultsAlone { get; set; } = [];

    /// <summary>
    /// For each output, the largest tolerated difference between the item alone and the item in a larger run. Null for an item that
    /// only fills larger runs, and whose own results are not compared. Such an item has NaN or infinite inputs or results, or its result
    /// changes too much with the size of a run.
    /// </summary>
    public double[]? Tolerances { get; set; }

    public void Dispose()
    {
        foreach (var tensor in inputs.Concat(ResultsAlone))
            tensor.Dispose();
    }
}
