namespace Inference.Protocols.Predictions;

/// <summary>The reason why a prediction failed, as its caller sees it.</summary>
/// <param name="Code">One of the codes in docs/queues.md.</param>
public sealed record PredictionFailure(string Code, string Message);
