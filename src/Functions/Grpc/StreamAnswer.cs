using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Grpc;

/// <summary>One answer of a stream: to an infer call, or why there is none, which does not end the stream.</summary>
internal sealed class StreamAnswer
{
    private StreamAnswer(InferAnswer? answer, ModelStreamInferResponse? failure) => (Answer, Failure) = (answer, failure);

    public InferAnswer? Answer { get; }

    public ModelStreamInferResponse? Failure { get; }

    public static StreamAnswer Of(InferAnswer answer) => new(answer, null);

    /// <param name="id">The request's, by which the client knows which one failed.</param>
    public static StreamAnswer Failed(string message, string? id) =>
        new(null, new ModelStreamInferResponse { ErrorMessage = message, InferResponse = new ModelInferResponse { Id = id ?? "" } });
}
