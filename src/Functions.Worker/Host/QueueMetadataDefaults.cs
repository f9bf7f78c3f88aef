using System.Globalization;

namespace Functions.Worker.Host;

/// <summary>
/// Default metadata for queue messages that the host sends without it. These come from POST admin/functions/{name}, which the portal's
/// Test/Run calls. Such a message is in no queue.
/// </summary>
internal static class QueueMetadataDefaults
{
    private const string FirstAttempt = "1";

    /// <summary>Adds each missing entry. The defaults are the invocation's id, the first attempt, inserted now, and no expiry.</summary>
    public static void AddTo(Dictionary<string, string> metadata, string invocationId, TimeProvider time)
    {
        metadata.TryAdd("Id", invocationId);
        metadata.TryAdd("PopReceipt", "");
        metadata.TryAdd("DequeueCount", FirstAttempt);
        AddTime(metadata, "InsertionTime", time.GetUtcNow());
        AddTime(metadata, "NextVisibleTime", time.GetUtcNow());
        AddTime(metadata, "ExpirationTime", DateTimeOffset.MaxValue);
    }

    private static void AddTime(Dictionary<string, string> metadata, string name, DateTimeOffset value)
    {
        if (!metadata.ContainsKey(name))
            metadata[name] = value.ToString("O", CultureInfo.InvariantCulture);
    }
}
