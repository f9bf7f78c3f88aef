using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Functions.Worker.Hosting;

/// <summary>Configures the log. Settings in the section Logging override its default levels.</summary>
internal static class LogSetup
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ", Section = "Logging", Levels = "LogLevel";

    /// <summary>
    /// Describes the first setting with an unknown level, and lists the valid levels. Returns null when every level is valid.
    /// </summary>
    public static string? FindProblem(IConfiguration settings)
    {
        foreach (var (key, value) in settings.GetSection(Section).AsEnumerable())
        {
            if (!string.IsNullOrEmpty(value) && IsLevelSetting(key) && !IsLevel(value))
            {
                return $"{key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal)} is \"{value}\"; it must be one of "
                    + $"{string.Join(", ", Enum.GetNames<LogLevel>())}.";
            }
        }

        return null;
    }

    /// <summary>
    /// Logs to the console with one line per entry and times in UTC. Entries are JSON objects when Logging__Console__FormatterName is
    /// <c>json</c>.
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

    /// <summary>Logs to the Functions host.</summary>
    public static void AddHostTo(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup, ILoggerProvider host)
    {
        AddLevels(logging, settings, startup);
        // At its default level, this category logs the addresses and "Press Ctrl+C to shut down". Only a person who starts the app in a
        // terminal needs these entries.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.AddProvider(host);
    }

    private static void AddLevels(ILoggingBuilder logging, IConfiguration settings, StartupPhase startup)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Any enabled level of this category, even one without entries, makes each request create a scope and an activity of about 1 KB.
        // Tracing does not need this category, because a tracing listener causes the same activity to be created.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // During the start, the generic host logs an exception with its stack trace and then throws the same exception. WorkerHost reports
        // the thrown exception, so the log entry is not needed.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level =>
            level >= LogLevel.Information && (startup.IsOver || level != LogLevel.Error));
        // An unknown level would end the process with a stack trace while the log is created. In that case the settings are not applied,
        // and the start reports the unknown level.
        if (FindProblem(settings) is null)
            logging.AddConfiguration(settings.GetSection(Section));
    }

    /// <summary>
    /// Whether the key sets a level: <c>Logging:LogLevel:{category}</c>, or <c>Logging:{provider}:LogLevel:{category}</c>.
    /// </summary>
    private static bool IsLevelSetting(string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        return (parts.Length > 2 && parts[1].Equals(Levels, StringComparison.OrdinalIgnoreCase))
            || (parts.Length > 3 && parts[2].Equals(Levels, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsLevel(string value) => Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) && Enum.IsDefined(level);
}
