using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Grpc;

/// <summary>
/// One response in a stream: the result of an infer call, or the reason for its failure. A failure does not end the stream.
/// </summary>
internal sealed class StreamResponse
{
    private StreamResponse(InferResponse? response, ModelStreamInferResponse? failure) => (Response, Failure) = (response, failure);

    /// <summary>The result; null when the call failed.</summary>
    public InferResponse? Response { get; }

    /// <summary>The failure; null when the call succeeded.</summary>
    public ModelStreamInferResponse? Failure { get; }

    public static StreamResponse FromResult(InferResponse response) => new(response, null);

    /// <param name="id">The request's id, by which the client recognizes the failed request.</param>
    public static StreamResponse FromFailure(string message, string? id) =>
        new(null, new ModelStreamInferResponse { ErrorMessage = message, InferResponse = new ModelInferResponse { Id = id ?? "" } });
}
