using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>The response to a <see cref="PredictionRequest"/>. The prediction owns the tensors of the outputs.</summary>
public sealed class Prediction : IDisposable
{
    private readonly ResponseRecorder _response;
    private int _isDisposed;

    public Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs)
        : this(model, id, outputs, default)
    {
    }

    /// <param name="response">
    /// Records the end of the response when the prediction is disposed. The owner has written the response by that time.
    /// </param>
    internal Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs, in ResponseRecorder response) =>
        (Model, Id, Outputs, _response) = (model, id, outputs, response);

    /// <summary>The model version that computed the response.</summary>
    public Model Model { get; }

    /// <summary>The identifier of the request, for protocols that return it; null for none.</summary>
    public string? Id { get; }

    /// <summary>The outputs, in the requested order.</summary>
    public IReadOnlyList<NamedTensor> Outputs { get; }

    /// <summary>Disposes the outputs, and records that the response was written.</summary>
    public void Dispose()
    {
        // The loop uses an index, because an enumerator would be allocated for every prediction.
        for (var i = 0; i < Outputs.Count; i++)
        {
            Outputs[i].Tensor.Dispose();
            Outputs[i].Rows?.Dispose();
        }

        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _response.RecordWritten();
    }
}
