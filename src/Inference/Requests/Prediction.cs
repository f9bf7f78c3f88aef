using Inference.Diagnostics;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>The response to a <see cref="PredictionRequest"/>. It owns the tensors.</summary>
public sealed class Prediction : IDisposable
{
    private readonly long _ready;
    private PredictionTrace? _trace;
    private ModelStatistics? _statistics;

    public Prediction(Model model, string? id, IReadOnlyList<NamedTensor> outputs)
        : this(model, id, outputs, trace: null, statistics: null, ready: 0)
    {
    }

    /// <param name="trace">The trace. It ends with the disposal, because the response was written by then.</param>
    /// <param name="statistics">Where the disposal counts the time for writing the response.</param>
    /// <param name="ready">The timestamp at which the outputs were ready.</param>
    internal Prediction(
        Model model, string? id, IReadOnlyList<NamedTensor> outputs, PredictionTrace? trace, ModelStatistics? statistics, long ready) =>
        (Model, Id, Outputs, _trace, _statistics, _ready) = (model, id, outputs, trace, statistics, ready);

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

        Interlocked.Exchange(ref _trace, null)?.RecordResponse();
        Interlocked.Exchange(ref _statistics, null)?.RecordOutput(_ready);
    }
}
