using System.Globalization;

namespace Functions.Worker.Host;

/// <summary>
/// Default metadata for queue messages that the host sends without metadata. Such a message is in no queue: it was sent by POST
/// admin/functions/{name}, which the portal's Test/Run calls.
/// </summary>
internal static class QueueMetadataDefaults
{
    private const string FirstAttempt = "1";

    /// <summary>
    /// Adds each missing entry. The defaults describe a message with the invocation's id that was inserted now, is in its first attempt,
    /// and does not expire.
    /// </summary>
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
