using Microsoft.Extensions.Logging;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Forwards the app's log entries to the loggers of an exporter, which is created after the app's own loggers. Only entries that pass the
/// app's log levels are forwarded.
/// </summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory target) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => target.CreateLogger(categoryName);

    /// <summary>Does nothing, because <see cref="TelemetryExport"/> owns the target.</summary>
    public void Dispose()
    {
    }
}
