namespace Inference.Protocols.TensorFlowServing;

/// <summary>The body of a predict call of TensorFlow Serving's REST API.</summary>
public readonly record struct TensorFlowServingBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>The layout of the response. The reader of the body sets the layout.</summary>
    public TensorFlowResponseLayout Layout { get; } = new();
}
