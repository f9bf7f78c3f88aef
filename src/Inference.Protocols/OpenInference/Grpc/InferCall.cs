using Inference.Requests;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>A <c>ModelInferRequest</c>. The call owns the tensors of the request.</summary>
/// <param name="Version">The version as it was sent; empty when the request names no version.</param>
/// <param name="Outputs">The forms of the tensors in the response.</param>
public sealed record InferCall(string Model, string Version, PredictionRequest Request, OutputForms Outputs) : IDisposable
{
    public void Dispose() => Request.Dispose();
}
