using Inference.Requests;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>A <c>ModelInferRequest</c>: whom it asks, and what. Owns the tensors.</summary>
/// <param name="Version">As it was sent; empty for none in particular.</param>
/// <param name="Outputs">How the answer's tensors are to be sent.</param>
public sealed record InferCall(string Model, string Version, PredictionRequest Request, OutputForms Outputs) : IDisposable
{
    public void Dispose() => Request.Dispose();
}
