using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Requests;

namespace Functions.Grpc;

/// <summary>The response to an infer call before it is sent. The marshaller disposes the response after writing.</summary>
internal sealed class InferResponse : IDisposable
{
    private readonly Prediction _prediction;

    /// <summary>Creates the response, which takes ownership of the prediction.</summary>
    public InferResponse(Prediction prediction, OutputForms forms)
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
