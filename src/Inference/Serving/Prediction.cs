using Inference.Models;
using Inference.Tensors;

namespace Inference.Serving;

/// <summary>The answer to a <see cref="PredictionRequest"/>; owns the tensors.</summary>
public sealed class Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs) : IDisposable
{
    /// <summary>The version that computed the answer.</summary>
    public Model Model { get; } = model;

    public string? Id { get; } = id;

    /// <summary>In the order asked for.</summary>
    public IReadOnlyList<NamedTensor> Outputs { get; } = outputs;

    public void Dispose()
    {
        foreach (var output in Outputs)
            output.Tensor.Dispose();
    }
}
