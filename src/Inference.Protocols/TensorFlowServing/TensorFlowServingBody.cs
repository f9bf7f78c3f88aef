namespace Inference.Protocols.TensorFlowServing;

/// <summary>The body of a predict call of TensorFlow Serving's REST API.</summary>
public readonly record struct TensorFlowServingBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>The layout of the response. It is known after the body was read.</summary>
    public TensorFlowResponseLayout Answer { get; } = new();
}
