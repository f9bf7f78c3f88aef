using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>A result as its blob has it.</summary>
/// <param name="Status">Succeeded, failed or cancelled.</param>
/// <param name="Model">Which version has answered; set for one that succeeded.</param>
/// <param name="Failure">Set for one that failed.</param>
/// <param name="BodyStart">
/// The position of the response in the blob of a succeeded prediction. The response ends one byte before the end of the blob.
/// </param>
/// <param name="TraceParent">The span that made it, in the W3C form; null when nobody traced it.</param>
public sealed record StoredResult(PredictionStatus Status, ModelId? Model, PredictionFailure? Failure, int BodyStart, string? TraceParent);
