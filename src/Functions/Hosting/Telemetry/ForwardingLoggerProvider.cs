using Microsoft.Extensions.Logging;

namespace Functions.Hosting.Telemetry;

/// <summary>Hands what is logged to loggers that were made after the app's own; levels have been applied before.</summary>
internal sealed class ForwardingLoggerProvider(ILoggerFactory target) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => target.CreateLogger(categoryName);

    /// <summary>Its target belongs to <see cref="TelemetryExport"/>.</summary>
    public void Dispose()
    {
    }
}
