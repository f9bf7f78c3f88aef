using System.Globalization;

namespace Cli.Output;

/// <summary>Formats times for people, in the time zone of this machine. JSON output keeps the server's format.</summary>
internal static class HumanTime
{
    /// <summary>Returns the age, as in "3 s ago". Returns the local time when the time is in the future or at least a day old.</summary>
    public static string FormatShort(DateTimeOffset time) => FormatAge(time) ?? FormatLocal(time, "yyyy-MM-dd HH:mm");

    /// <summary>Returns the local time and, during the first day, the age.</summary>
    public static string FormatLong(DateTimeOffset time) =>
        FormatLocal(time, "yyyy-MM-dd HH:mm:ss") + (FormatAge(time) is { } age ? $" ({age})" : "");

    /// <summary>Returns a span in whole units: "40 s", "3 min 5 s", "2 h".</summary>
    public static string FormatSpan(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 10 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min",
        _ => $"{(int)span.TotalHours} h",
    };

    private static string? FormatAge(DateTimeOffset time)
    {
        var age = TimeProvider.System.GetUtcNow() - time;
        return age < TimeSpan.Zero || age >= TimeSpan.FromDays(1) ? null
            : age < TimeSpan.FromMinutes(1) ? $"{(int)age.TotalSeconds} s ago"
            : age < TimeSpan.FromHours(1) ? $"{(int)age.TotalMinutes} min ago"
            : $"{(int)age.TotalHours} h ago";
    }

    private static string FormatLocal(DateTimeOffset time, string format) =>
        TimeZoneInfo.ConvertTime(time, TimeZoneInfo.Local).ToString(format, CultureInfo.InvariantCulture);
}
