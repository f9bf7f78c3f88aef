using System.Text.Json;
using Inference.Protocols.Json;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Applies the parameters of a request that change its scheduling, for JSON and protobuf. Refuses the parameters of sequences and of shared
/// memory. Other parameters are ignored.
/// </summary>
internal static class RequestParameters
{
    private const long MaxMicroseconds = 24L * 3600 * 1_000_000;

    /// <summary>Applies a parameter of a request.</summary>
    /// <param name="integer">The value; null when the value is not a whole number.</param>
    /// <param name="isSet">Whether the value is something other than 0, false or the empty text.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is not valid.</exception>
    public static void Apply(PredictionRequest request, string name, long? integer, bool isSet)
    {
        switch (name)
        {
            case "timeout":
                request.Timeout = ParseTimeout(integer);
                break;
            case "priority":
                request.Priority = ParsePriority(integer);
                break;
            case "sequence_id" or "sequence_start" or "sequence_end" when isSet:
                throw InferenceException.InvalidRequest(
                    $"parameters.{name}: this server keeps no state between the requests of a sequence; send the request without sequence "
                    + "parameters.");
        }
    }

    /// <summary>
    /// Refuses shared memory parameters. If the server ignored such a parameter, the request would not have the tensor that the caller
    /// intends.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the parameter is refused.</exception>
    public static void ThrowIfSharedMemory(string name, string path)
    {
        if (name.StartsWith("shared_memory_", StringComparison.Ordinal))
        {
            throw InferenceException.InvalidRequest(
                $"{path}.parameters.{Quote.Shorten(name)}: this server has no shared memory extension; send the data in the request.");
        }
    }

    /// <summary>Refuses the current property of a JSON reader if it is a shared memory parameter.</summary>
    public static void ThrowIfSharedMemory(ref Utf8JsonReader reader, string path)
    {
        // The bytes are compared, because no known client escapes a character of the name.
        if (reader.ValueSpan.StartsWith("shared_memory_"u8))
            ThrowIfSharedMemory(JsonText.ReadString(ref reader, $"{path}.parameters"), path);
    }

    /// <summary>Reads the timeout of Triton's schedule policy, in microseconds; 0 means no timeout.</summary>
    private static TimeSpan? ParseTimeout(long? microseconds)
    {
        if (microseconds is null or < 0 or > MaxMicroseconds)
            throw InferenceException.InvalidRequest("parameters.timeout is not a whole number of microseconds from 0 to a day.");
        return microseconds == 0 ? null : TimeSpan.FromMicroseconds(microseconds.Value);
    }

    /// <summary>Reads Triton's priority level. Level 1 is served first, larger levels later. Level 0 means the default level, 1.</summary>
    private static int ParsePriority(long? level) => level is >= 0
        ? (int)Math.Min(Math.Max(level.Value - 1, 0), int.MaxValue)
        : throw InferenceException.InvalidRequest(
            "parameters.priority is not a whole number from 0: 1 is served first, larger numbers later, and 0 means the default, 1.");
}
