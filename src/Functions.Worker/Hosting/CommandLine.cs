using Functions.Worker.Host;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Hosting;

/// <summary>The parsed command line: the settings, the switches, and the arguments of a Functions host.</summary>
/// <param name="Settings">
/// The arguments that set settings. Empty under a Functions host, which passes settings as environment variables.
/// </param>
/// <param name="AllowAnonymous">Whether other machines may call without a key (<c>--allow-anonymous</c>).</param>
/// <param name="TraceStartup">Whether the stages of the start are written to stderr (<c>--startup-trace</c>).</param>
/// <param name="Host">The arguments of the Functions host that started this process; null without a host.</param>
internal sealed record CommandLine(string[] Settings, bool AllowAnonymous, bool TraceStartup, HostArguments? Host)
{
    private const string AllowAnonymousSwitch = "--allow-anonymous";
    private const string StartupTraceSwitch = "--startup-trace";

    /// <summary>
    /// Parses the arguments. Switches are removed from the settings, because the settings reader would read the next argument as the value
    /// of the switch.
    /// </summary>
    public static CommandLine Parse(string[] args)
    {
        var host = HostArguments.Find(args);
        return new(
            host is null ? [.. args.Where(a => a is not (AllowAnonymousSwitch or StartupTraceSwitch)).Select(ToSetting)] : [],
            args.Contains(AllowAnonymousSwitch),
            args.Contains(StartupTraceSwitch),
            host);
    }

    /// <summary>
    /// Converts the double underscores in a setting's name to colons. Environment variables and the documentation use double underscores.
    /// </summary>
    private static string ToSetting(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var end = argument.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? argument : argument[..end];
        return name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + argument[name.Length..];
    }
}
