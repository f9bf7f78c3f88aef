using System.Text.Json.Serialization;

namespace Inference.Azure.Predictions;

/// <summary>The record of a job without its result, as it is stored in a blob.</summary>
/// <param name="Version">The requested version of the model; null when the request names no version.</param>
/// <param name="Sha256">
/// The SHA-256 of the request, in hexadecimal digits. A second request with the same identifier must have the same hash.
/// </param>
/// <param name="IsSent">Whether the job's message is known to have been sent to the queue.</param>
/// <param name="Started">The time at which the last attempt started; null before the first attempt.</param>
/// <param name="Attempts">The number of attempts that were started.</param>
/// <param name="Retry">The failure of the last attempt while the job waits for the next attempt; null at any other time.</param>
public sealed record JobRecord(
    string Model, long? Version, string Sha256, DateTimeOffset Created, bool IsSent = false, DateTimeOffset? Started = null,
    int Attempts = 0, JobRetry? Retry = null)
{
    /// <summary>Whether another record is for the same model, version and request.</summary>
    public bool IsSameRequestAs(JobRecord other) => (Model, Version, Sha256) == (other.Model, other.Version, other.Sha256);
}

/// <summary>A failed attempt at a job, after which another attempt follows.</summary>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="MaxAttempts">The number of attempts after which the job is given up.</param>
/// <param name="Code">The code of the failure.</param>
/// <param name="Message">The reason for the failure, for the caller.</param>
public sealed record JobRetry(long Attempt, int MaxAttempts, string Code, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRecord))]
internal sealed partial class JobRecordJson : JsonSerializerContext;
