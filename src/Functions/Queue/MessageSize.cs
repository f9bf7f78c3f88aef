namespace Functions.Queue;

/// <summary>The size of the queue messages with requests and results.</summary>
internal static class MessageSize
{
    /// <summary>
    /// The maximum number of bytes of a request or a result that is sent as the message itself. Even in Base64, such a message fits into
    /// the service's limit of 64 KiB.
    /// </summary>
    public const int Max = 48 * 1024;
}
