using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Requests;

namespace Functions.Grpc;

/// <summary>The answer to an infer call on its way to the client. Whoever writes it disposes it.</summary>
internal sealed class InferAnswer : IDisposable
{
    private readonly Prediction _prediction;

    /// <summary>Takes the prediction over.</summary>
    public InferAnswer(Prediction prediction, OutputForms forms)
    {
        _prediction = prediction;
        try
        {
            Message = new ModelInferWriter(prediction, forms);
        }
        catch
        {
            prediction.Dispose();
            throw;
        }
    }

    public ModelInferWriter Message { get; }

    public void Dispose() => _prediction.Dispose();
}
