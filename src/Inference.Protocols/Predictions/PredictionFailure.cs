namespace Inference.Protocols.Predictions;

/// <summary>Why a prediction has no result, as its caller is told.</summary>
/// <param name="Code">One of the names that docs/queues.md lists.</param>
public sealed record PredictionFailure(string Code, string Message);
