namespace Inference.Protocols.Predict;

/// <summary>The body of a predict call.</summary>
public readonly record struct PredictBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>The requested form of the response. The reader of the body sets the form.</summary>
    public ResponseFormat Format { get; } = new();
}
