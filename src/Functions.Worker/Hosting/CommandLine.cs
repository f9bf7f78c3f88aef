using Functions.Worker.Host;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Hosting;

/// <summary>The arguments, apart: those that are settings, and those that are not.</summary>
/// <param name="Settings">Empty under a Functions host: it hands over settings in the environment, and its own arguments are none.</param>
/// <param name="Host">The address of the Functions host that started this process; null without a host.</param>
internal sealed record CommandLine(string[] Settings, bool AllowAnonymous, bool TraceStartup, HostArguments? Host)
{
    private const string AllowAnonymousSwitch = "--allow-anonymous";
    private const string StartupTraceSwitch = "--startup-trace";

    /// <summary>The switches are taken out because they have no value: the reader of settings would give them the next argument.</summary>
    public static CommandLine Parse(string[] args)
    {
        var host = HostArguments.Find(args);
        return new(
            host is null ? [.. args.Where(a => a is not (AllowAnonymousSwitch or StartupTraceSwitch)).Select(ToSetting)] : [],
            args.Contains(AllowAnonymousSwitch),
            args.Contains(StartupTraceSwitch),
            host);
    }

    /// <summary>Takes names as the environment and the documents write them, with double underscores between their parts.</summary>
    private static string ToSetting(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var end = argument.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? argument : argument[..end];
        return name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + argument[name.Length..];
    }
}
