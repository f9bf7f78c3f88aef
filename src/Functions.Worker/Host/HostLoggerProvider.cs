using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>The log under a Functions host.</summary>
internal sealed class HostLoggerProvider(HostStream stream) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new HostLogger(categoryName, stream);

    public void Dispose()
    {
        // The stream ends after the last entry, not with the log.
    }
}
