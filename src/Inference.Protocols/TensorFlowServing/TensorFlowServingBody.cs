namespace Inference.Protocols.TensorFlowServing;

/// <summary>The body of a predict call of TensorFlow Serving's REST API.</summary>
public readonly record struct TensorFlowServingBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>How the answer is to be written; known once the body is read.</summary>
    public AnswerLayout Answer { get; } = new();
}
