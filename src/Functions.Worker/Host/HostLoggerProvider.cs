using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>Creates loggers that send their entries to the Functions host.</summary>
internal sealed class HostLoggerProvider(HostStream stream) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new HostLogger(categoryName, stream);

    public void Dispose()
    {
        // The session closes the stream later, so that the last log entries are sent, too.
    }
}
