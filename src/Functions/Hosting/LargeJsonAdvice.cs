using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>
/// Logs advice when callers send large JSON bodies through a Functions host. The host reads a whole JSON body into its own memory before it
/// forwards the body. The worker cannot prevent this copy, so the log entry suggests another format.
/// </summary>
internal sealed partial class LargeJsonAdvice(TimeProvider time, ILogger<LargeJsonAdvice> logger)
{
    /// <summary>The size of a body in bytes above which the advice is logged.</summary>
    public const long Limit = 16 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _lastLogged;

    /// <summary>Logs the advice for a JSON body above the limit, at most once a minute.</summary>
    /// <param name="length">The size of the body in bytes.</param>
    public void Observe(long length)
    {
        if (length > Limit && IsDue())
            LargeBodyReceived(length);
    }

    private bool IsDue()
    {
        lock (_lock)
        {
            if (_lastLogged is { } last && time.GetElapsedTime(last) < Interval)
                return false;
            _lastLogged = time.GetTimestamp();
            return true;
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "The Functions host forwarded a JSON body of {Length} bytes. The host reads JSON into its own memory, which takes 50 times the size "
        + "of the body. Send large batches as binary tensors. Or put the request into a blob, and send a queue message that names the "
        + "blob in \"requestBlob\" (docs/queues.md).")]
    private partial void LargeBodyReceived(long length);
}
