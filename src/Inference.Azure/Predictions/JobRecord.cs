using System.Text.Json.Serialization;

namespace Inference.Azure.Predictions;

/// <summary>The record of a job without its result, as it is stored in a blob.</summary>
/// <param name="Version">Null for the latest.</param>
/// <param name="Sha256">The SHA-256 of the request, in hex. The same id with another request is refused.</param>
/// <param name="IsSent">Whether its message is known to be in the queue, or was.</param>
/// <param name="Started">When it was taken up the last time.</param>
/// <param name="Attempts">The number of attempts.</param>
public sealed record JobRecord(
    string Model, long? Version, string Sha256, DateTimeOffset Created, bool IsSent = false, DateTimeOffset? Started = null,
    int Attempts = 0)
{
    /// <summary>Whether it is a record of the same request.</summary>
    public bool IsFor(JobRecord other) => (Model, Version, Sha256) == (other.Model, other.Version, other.Sha256);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRecord))]
internal sealed partial class JobRecordJson : JsonSerializerContext;
