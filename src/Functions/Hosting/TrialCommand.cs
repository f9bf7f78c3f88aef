using System.Globalization;
using Functions.Hosting.Configuration;
using Inference;
using Inference.Catalog;
using Inference.Crash;
using Inference.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// <c>--trial &lt;model&gt; &lt;version&gt; &lt;files&gt;</c>: loads and runs a model version in a separate process, with the settings of
/// the server that starts the process. <c>&lt;files&gt;</c> is the hash of the version's files.
/// </summary>
internal static class TrialCommand
{
    private const string Option = "--trial";

    /// <summary>
    /// The time limit of a trial: enough for a model of gigabytes on a slow disk. A model that needs more time is refused.
    /// </summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    /// <summary>The settings that turn off trials and logs, which the child process does not need.</summary>
    private static readonly (string Name, string Value)[] ChildSettings =
        [(KnownSettings.Trial.ToString(), "false"), ("Logging__LogLevel__Default", "None")];

    /// <summary>The settings on this process's command line; empty under a Functions host.</summary>
    private static string[] _settings = [];

    /// <summary>Begins a trial if the arguments request one. Returns the version to try; null when this process is not a trial.</summary>
    /// <param name="args">The arguments of the process. <c>--trial</c> and its three values are removed.</param>
    public static VersionKey? BeginIfRequested(ref string[] args)
    {
        if (args is [Option, var name, var version, var files, .. var rest])
        {
            TrialProcess.BeginChild(Console.OpenStandardInput());
            args = rest;
            return new VersionKey(new ModelId(ModelName.Parse(name), long.Parse(version, CultureInfo.InvariantCulture)), files);
        }

        _settings = args.Any(arg => arg.StartsWith("--functions-", StringComparison.Ordinal)) ? [] : args;
        return null;
    }

    /// <summary>Tries a version in a child process.</summary>
    /// <returns>The failure; null when the version loads and runs.</returns>
    public static Task<TrialFailure?> StartAsync(VersionKey version, CancellationToken cancellationToken) => TrialProcess.RunAsync(
        [Option, version.Id.Name.Value, version.Id.Version.ToString(CultureInfo.InvariantCulture), version.FilesHash, .. _settings],
        ChildSettings,
        TimeLimit,
        cancellationToken);

    /// <summary>Tries a version in this process.</summary>
    /// <returns>
    /// The exit code: 0, or <see cref="TrialProcess.RefusedExitCode"/> for a version that does not load or run. The reason is then on
    /// stderr.
    /// </returns>
    public static async Task<int> RunAsync(IHost host, VersionKey version)
    {
        try
        {
            await host.Services.GetRequiredService<ModelTrial>().RunAsync(version, CancellationToken.None);
            return 0;
        }
        catch (InferenceException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return TrialProcess.RefusedExitCode;
        }
    }
}
