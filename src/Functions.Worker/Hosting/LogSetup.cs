using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Functions.Worker.Hosting;

/// <summary>The log. The section Logging changes the levels.</summary>
internal static class LogSetup
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ", Section = "Logging", Levels = "LogLevel";

    /// <summary>Names the first setting whose level does not exist, and the levels that do; null when every level exists.</summary>
    public static string? FindProblem(IConfiguration settings)
    {
        foreach (var (key, value) in settings.GetSection(Section).AsEnumerable())
        {
            if (!string.IsNullOrEmpty(value) && IsOfLevel(key) && !IsLevel(value))
            {
                return $"{key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal)} is \"{value}\"; it must be one of "
                    + $"{string.Join(", ", Enum.GetNames<LogLevel>())}.";
            }
        }

        return null;
    }

    /// <summary>
    /// One line per entry on the console, times in UTC; each an object of JSON when Logging__Console__FormatterName is <c>json</c>.
    /// </summary>
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
        // A level that does not exist would end the process while the log is made, with a stack trace.
        if (FindProblem(settings) is null)
            logging.AddConfiguration(settings.GetSection(Section));
    }

    /// <summary>The level of a category, or of a category in one provider's log, which begins with its name.</summary>
    private static bool IsOfLevel(string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        return (parts.Length > 2 && parts[1].Equals(Levels, StringComparison.OrdinalIgnoreCase))
            || (parts.Length > 3 && parts[2].Equals(Levels, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsLevel(string value) => Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) && Enum.IsDefined(level);
}
