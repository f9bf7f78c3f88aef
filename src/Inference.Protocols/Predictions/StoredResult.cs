using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>A result as stored in its blob.</summary>
/// <param name="Status">Succeeded, failed or cancelled.</param>
/// <param name="Model">The version that ran; set when the prediction succeeded.</param>
/// <param name="Failure">Set when the prediction failed.</param>
/// <param name="BodyStart">
/// The position of the response in the blob of a succeeded prediction. The response ends one byte before the end of the blob.
/// </param>
/// <param name="TraceParent">The span of the prediction in W3C format; null without tracing.</param>
public sealed record StoredResult(PredictionStatus Status, ModelId? Model, PredictionFailure? Failure, int BodyStart, string? TraceParent);
