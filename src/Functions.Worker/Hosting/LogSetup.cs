using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Functions.Worker.Hosting;

/// <summary>The log. The section Logging changes the levels.</summary>
internal static class LogSetup
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <summary>One line per entry on the console, times in UTC; each an object of JSON when Logging__Console__FormatterName is <c>json</c>.</summary>
    public static void AddConsoleTo(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup)
    {
        AddLevels(logging, settings, startup);
        if (settings["Logging:Console:FormatterName"] == ConsoleFormatterNames.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = TimestampFormat;
            });
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = TimestampFormat + " ";
        });
    }

    public static void AddHostTo(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup, ILoggerProvider host)
    {
        AddLevels(logging, settings, startup);
        // Addresses and keys to press, for people who start the app by hand.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.AddProvider(host);
    }

    private static void AddLevels(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Its scope and its activity, of a kilobyte a request, are made whenever it may log, even a level that it never uses. Tracing
        // does not need it: an activity that somebody listens for is made all the same.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // While starting, the generic host logs a failure with its stack trace and then throws it; the throw is enough.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level =>
            level >= LogLevel.Information && (startup.IsOver || level != LogLevel.Error));
        logging.AddConfiguration(settings.GetSection("Logging"));
    }
}
