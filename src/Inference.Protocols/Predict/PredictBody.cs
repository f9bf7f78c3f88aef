namespace Inference.Protocols.Predict;

/// <summary>The body of a predict call.</summary>
public readonly record struct PredictBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>The requested form of the response. It is known after the body was read.</summary>
    public ResponseFormat Answer { get; } = new();
}
