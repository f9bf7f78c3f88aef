using System.Text.Json.Serialization;

namespace Inference.Azure.Predictions;

/// <summary>The record of a job without its result, as it is stored in a blob.</summary>
/// <param name="Version">The version; null for the latest one.</param>
/// <param name="Sha256">The SHA-256 of the request, in hexadecimal digits. The same identifier with another request is refused.</param>
/// <param name="IsSent">Whether its message is known to be or to have been in the queue.</param>
/// <param name="Started">The start of the last attempt.</param>
/// <param name="Attempts">The number of attempts.</param>
public sealed record JobRecord(
    string Model, long? Version, string Sha256, DateTimeOffset Created, bool IsSent = false, DateTimeOffset? Started = null,
    int Attempts = 0)
{
    /// <summary>Whether another record is for the same request.</summary>
    public bool IsFor(JobRecord other) => (Model, Version, Sha256) == (other.Model, other.Version, other.Sha256);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRecord))]
internal sealed partial class JobRecordJson : JsonSerializerContext;
