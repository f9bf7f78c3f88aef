using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>A prediction in the queue. Either <see cref="Request"/> or <see cref="RequestBlob"/> is set.</summary>
/// <param name="Model">The name as written in the message. The name is checked when the prediction runs.</param>
/// <param name="Version">Null for the latest version.</param>
/// <param name="Request">A predict or an Open Inference body, as a slice of the message.</param>
/// <param name="RequestBlob">The blob that contains the body, when it is too large for a message.</param>
/// <param name="IsJob">Whether the prediction is a job, which has a record.</param>
/// <param name="TraceParent">The sender's span in W3C format; null when the message has none.</param>
public sealed record PredictionMessage(
    PredictionId Id, string Model, long? Version, ReadOnlyMemory<byte>? Request, BlobReference? RequestBlob, bool IsJob,
    string? TraceParent);
