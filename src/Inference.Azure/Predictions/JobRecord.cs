using System.Text.Json.Serialization;

namespace Inference.Azure.Predictions;

/// <summary>What is known of a job besides its result, as its blob has it.</summary>
/// <param name="Version">Null for the latest.</param>
/// <param name="Sha256">Of the request's bytes, in hex: the same id with another request is refused.</param>
/// <param name="IsSent">Whether its message is known to be in the queue, or was.</param>
/// <param name="Started">When it was taken up the last time.</param>
/// <param name="Attempts">How often it was taken up.</param>
public sealed record JobRecord(
    string Model, long? Version, string Sha256, DateTimeOffset Created, bool IsSent = false, DateTimeOffset? Started = null, int Attempts = 0)
{
    /// <summary>Whether it is a record of the same request.</summary>
    public bool IsFor(JobRecord other) => (Model, Version, Sha256) == (other.Model, other.Version, other.Sha256);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRecord))]
internal sealed partial class JobRecordJson : JsonSerializerContext;
