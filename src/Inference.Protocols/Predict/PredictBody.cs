namespace Inference.Protocols.Predict;

/// <summary>The body of a predict call.</summary>
public readonly record struct PredictBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>What the body says of its answer; known once it is read.</summary>
    public AnswerForm Answer { get; } = new();
}
