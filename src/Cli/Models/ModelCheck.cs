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
/// Checks a model on this machine before a server would. The model is loaded and run in a child process of the same executable, so that a
/// crash or a hang is reported.
/// </summary>
internal static class ModelCheck
{
    private const string Verb = "--trial";

    /// <summary>The time limit, which is enough for a model of gigabytes on a slow disk.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <exception cref="CliException">The model does not load, fails on the inputs, crashes, or does not end.</exception>
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

    /// <summary>Runs the check if this process was started for it.</summary>
    /// <returns>The exit code; null when the process was started for another purpose.</returns>
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

    /// <exception cref="InferenceException">The model does not load.</exception>
    /// <exception cref="CliException">The model loads, but fails on the inputs.</exception>
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
            // Some models refuse zeros for good reasons.
        }
    }
}

/// <summary>The extent of a check.</summary>
internal enum CheckExtent
{
    /// <summary>The model must load.</summary>
    LoadOnly,

    /// <summary>
    /// The model must load. It must also run on generated inputs, or refuse them: zeros, in the smallest shape that it accepts.
    /// </summary>
    RunIfItMay,

    /// <summary>The model must also run on the generated inputs.</summary>
    Run,
}
