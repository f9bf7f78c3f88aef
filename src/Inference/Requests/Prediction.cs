using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>The answer to a <see cref="PredictionRequest"/>; owns the tensors.</summary>
public sealed class Prediction : IDisposable
{
    private PredictionTrace? _trace;

    public Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs)
        : this(model, id, outputs, trace: null)
    {
    }

    /// <param name="trace">Ends when this is disposed, for that is when the answer is written.</param>
    internal Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs, PredictionTrace? trace) =>
        (Model, Id, Outputs, _trace) = (model, id, outputs, trace);

    /// <summary>The version that computed the answer.</summary>
    public Model Model { get; }

    public string? Id { get; }

    /// <summary>In the order asked for.</summary>
    public IReadOnlyList<NamedTensor> Outputs { get; }

    public void Dispose()
    {
        // By index: an enumerator would be allocated for every prediction.
        for (var i = 0; i < Outputs.Count; i++)
        {
            Outputs[i].Tensor.Dispose();
            foreach (var row in Outputs[i].Rows ?? [])
                row.Dispose();
        }

        Interlocked.Exchange(ref _trace, null)?.Encoded();
    }
}
