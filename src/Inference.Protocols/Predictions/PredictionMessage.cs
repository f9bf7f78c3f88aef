using Inference.Models;

namespace Inference.Protocols.Predictions;

/// <summary>A prediction as it waits in the queue. Either <see cref="Request"/> or <see cref="RequestBlob"/> is set.</summary>
/// <param name="Model">The name as it was written. It is checked when the prediction runs.</param>
/// <param name="Version">Null for the latest.</param>
/// <param name="Request">A predict or an Open Inference body, as a slice of the message.</param>
/// <param name="RequestBlob">The blob with the body, when it is too large for a message.</param>
/// <param name="IsJob">Whether a job's record tells of this prediction.</param>
/// <param name="TraceParent">The span that it was sent in, in the W3C form; null when its sender traces nothing.</param>
public sealed record PredictionMessage(
    PredictionId Id, string Model, long? Version, ReadOnlyMemory<byte>? Request, BlobReference? RequestBlob, bool IsJob,
    string? TraceParent);
