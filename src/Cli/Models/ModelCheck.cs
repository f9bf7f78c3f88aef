using System.Globalization;
using Inference;
using Inference.Compute;
using Inference.Crash;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx;
using Inference.WarmUp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cli.Models;

/// <summary>
/// Finds out here what a server would otherwise find out there. The model is loaded and run in a child process of the same executable,
/// so that one which crashes or does not end is reported.
/// </summary>
internal static class ModelCheck
{
    private const string Verb = "--trial";

    /// <summary>Enough for a model of gigabytes on a slow disk.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <exception cref="CliException">It does not load, fails on the inputs, crashes, or does not end.</exception>
    public static async Task RunAsync(
        ModelId id, string modelPath, string cacheFolder, CheckExtent extent, CancellationToken cancellationToken)
    {
        var version = id.Version.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [Verb, id.Name.Value, version, modelPath, cacheFolder, extent.ToString()];
        if (await TrialProcess.RunAsync(arguments, [], Deadline, cancellationToken) is { } failure)
        {
            throw new CliException(failure.HasHarmed
                ? $"The process that tried the model {failure.Reason}. A server would have ended with it: {id} is refused."
                : failure.Reason);
        }
    }

    /// <summary>Runs the check in this process, if that is what it was started for.</summary>
    /// <returns>The exit code; null when the process was started for something else.</returns>
    public static async Task<int?> RunChildAsync(string[] args)
    {
        if (args is not [Verb, var name, var version, var modelPath, var cacheFolder, var extent])
            return null;
        TrialProcess.BeginChild(Console.OpenStandardInput());
        try
        {
            var id = new ModelId(ModelName.Parse(name), long.Parse(version, CultureInfo.InvariantCulture));
            await CheckAsync(id, modelPath, cacheFolder, Enum.Parse<CheckExtent>(extent));
            return ExitCode.Done;
        }
        catch (Exception e) when (e is InferenceException or CliException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return TrialProcess.RefusedExitCode;
        }
    }

    /// <exception cref="InferenceException">It does not load.</exception>
    /// <exception cref="CliException">It loads, but fails on the inputs.</exception>
    private static async Task CheckAsync(ModelId id, string modelPath, string cacheFolder, CheckExtent extent)
    {
        using var governor = new Governor();
        var runtime = new OnnxModelRuntime(governor, cacheFolder, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);
        await using var session =
            await runtime.LoadAsync(id, new ModelFiles(modelPath, LabelsPath: null), ModelSettings.Default, CancellationToken.None);
        try
        {
            if (extent != CheckExtent.LoadOnly)
                await ZeroRun.RunAsync(session, CancellationToken.None);
        }
        catch (InferenceException e) when (extent == CheckExtent.Run)
        {
            throw new CliException(
                $"The model loads, but fails on zeros in its smallest shape: {e.Message} If it may, add --load-only.", cause: e);
        }
        catch (InferenceException)
        {
            // Some models refuse zeros, and rightly.
        }
    }
}

/// <summary>What a model must stand.</summary>
internal enum CheckExtent
{
    /// <summary>It loads.</summary>
    LoadOnly,

    /// <summary>It also runs on inputs made up for it, or refuses them: zeros, in the smallest shape it takes.</summary>
    RunIfItMay,

    /// <summary>It also runs on them.</summary>
    Run,
}
