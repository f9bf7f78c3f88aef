using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>The log of a worker that a Functions host started.</summary>
internal sealed class HostLoggerProvider(HostStream stream) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new HostLogger(categoryName, stream);

    public void Dispose()
    {
        // The stream stays open: it ends after the last log entry.
    }
}
