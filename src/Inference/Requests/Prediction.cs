using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>The response to a <see cref="PredictionRequest"/>. It owns the tensors.</summary>
public sealed class Prediction : IDisposable
{
    private readonly ResponseRecord _response;
    private int _isDisposed;

    public Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs)
        : this(model, id, outputs, default)
    {
    }

    /// <param name="response">Ends with the disposal, because the response was written by then.</param>
    internal Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs, in ResponseRecord response) =>
        (Model, Id, Outputs, _response) = (model, id, outputs, response);

    /// <summary>The model version that computed the response.</summary>
    public Model Model { get; }

    /// <summary>The identifier of the request, for protocols that return it; null for none.</summary>
    public string? Id { get; }

    /// <summary>The outputs, in the requested order.</summary>
    public IReadOnlyList<NamedTensor> Outputs { get; }

    public void Dispose()
    {
        // By index, because an enumerator would be allocated for every prediction.
        for (var i = 0; i < Outputs.Count; i++)
        {
            Outputs[i].Tensor.Dispose();
            foreach (var row in Outputs[i].Rows ?? [])
                row.Dispose();
        }

        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _response.RecordWritten();
    }
}
