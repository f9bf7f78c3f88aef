using Microsoft.Extensions.Logging;

namespace Functions.Hosting.Telemetry;

/// <summary>Forwards log entries to loggers that were created after the app's own. The app has already applied its log levels.</summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory target) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => target.CreateLogger(categoryName);

    /// <summary>Does nothing, because <see cref="TelemetryExport"/> owns the target.</summary>
    public void Dispose()
    {
    }
}
