using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting;

/// <summary>The log: one line per entry on the console, times in UTC. The section Logging changes the levels.</summary>
internal static class ConsoleLogging
{
    public static void AddTo(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // While starting, the generic host logs a failure with its stack trace and then throws it; the throw is enough.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level =>
            level >= LogLevel.Information && (startup.IsOver || level != LogLevel.Error));
        logging.AddConfiguration(settings.GetSection("Logging"));
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
    }
}
