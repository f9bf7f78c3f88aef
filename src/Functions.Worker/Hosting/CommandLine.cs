using Functions.Worker.Host;

namespace Functions.Worker.Hosting;

/// <summary>The arguments, apart: those that are settings, and those that are not.</summary>
/// <param name="Settings">Empty under a Functions host: it hands over settings in the environment, and its own arguments are none.</param>
/// <param name="Host">Where the Functions host is that started this process; null when none did.</param>
internal sealed record CommandLine(string[] Settings, bool AllowAnonymous, bool TraceStartup, HostArguments? Host)
{
    private const string AllowAnonymousSwitch = "--allow-anonymous";
    private const string StartupTraceSwitch = "--startup-trace";

    /// <summary>The switches are taken out because they have no value: the reader of settings would give them the next argument.</summary>
    public static CommandLine Parse(string[] args)
    {
        var host = HostArguments.Find(args);
        return new(
            host is null ? [.. args.Where(a => a is not (AllowAnonymousSwitch or StartupTraceSwitch))] : [],
            args.Contains(AllowAnonymousSwitch),
            args.Contains(StartupTraceSwitch),
            host);
    }
}
