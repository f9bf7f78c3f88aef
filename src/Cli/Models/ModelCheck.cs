using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Inference;
using Inference.Crash;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;

namespace Cli.Models;

/// <summary>
/// Checks a model on this machine before a server loads it. A child process of the same executable loads and runs the model, so that a
/// crash or a hang ends only the child. This process then reports the crash or the hang.
/// </summary>
/// <param name="Folder">The folder of the version.</param>
/// <param name="ModelFile">The model file, relative to the folder.</param>
/// <param name="WorkFolder">The folder for temporary files of the check.</param>
internal sealed record ModelCheck(ModelId Id, string Folder, string ModelFile, string WorkFolder, CheckExtent Extent)
{
    private const string Mode = "--trial";
    private const string ResultFile = "trial.json";

    /// <summary>The time limit of the child process, which is enough for a model of gigabytes on a slow disk.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    /// <summary>The path of a file with a request that the model must accept; null to run the model on inputs of zeros.</summary>
    public string? SamplePath { get; init; }

    /// <summary>The path of a file with class labels, one for each score of an output; null when no such file is given.</summary>
    public string? LabelsPath { get; init; }

    /// <summary>
    /// The shapes of inputs, as <c>name=1,3,224,224</c>. The default for an input is its smallest shape, in which every dynamic dimension
    /// is 1.
    /// </summary>
    public ImmutableArray<string> Shapes { get; init; } = [];

    /// <summary>The folder with the settings files of the model; empty for a model without settings.</summary>
    public string SettingsFolder => Path.Combine(WorkFolder, "settings");

    public string ModelPath => Path.Combine(Folder, ModelFile);

    /// <summary>Runs the check in a child process.</summary>
    /// <param name="settings">The settings files of the model, which must be valid. The model must fit them.</param>
    /// <returns>
    /// The findings: <c>{"batching":{...},"task":"...","warnings":[...]}</c>. A model without a task has no member <c>task</c>. Null when
    /// <see cref="Extent"/> is not <see cref="CheckExtent.Run"/>.
    /// </returns>
    /// <exception cref="CliException">The model does not load, fails on the inputs, crashes, or exceeds the time limit.</exception>
    public async Task<JsonElement?> RunAsync(IEnumerable<SettingsFile> settings, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(SettingsFolder);
        foreach (var file in settings)
            await File.WriteAllBytesAsync(Path.Combine(SettingsFolder, file.Name), file.Content, cancellationToken);
        var version = Id.Version.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [Mode, Id.Name.Value, version, Folder, ModelFile, WorkFolder, Extent.ToString(), SamplePath ?? "",
            LabelsPath ?? "", .. Shapes];
        if (await TrialProcess.RunAsync(arguments, [], TimeLimit, cancellationToken) is { } failure)
        {
            throw failure.IsInputFailure ? CliException.CreateUsageError(failure.Reason) : new CliException(failure.IsHarmful
                ? $"The process that tried {Id} {failure.Reason}. The same model could end or block a server, so it is refused."
                : failure.Reason);
        }

        var result = Path.Combine(WorkFolder, ResultFile);
        return File.Exists(result) ? JsonElement.Parse(await File.ReadAllBytesAsync(result, cancellationToken)) : null;
    }

    /// <summary>Runs the check if this process is the child process of a check.</summary>
    /// <returns>The exit code; null when this process is not such a child.</returns>
    public static async Task<int?> RunChildAsync(string[] args)
    {
        if (args is not [Mode, var name, var version, var folder, var file, var work, var extent, var sample, var labels, .. var shapes])
            return null;
        TrialProcess.BeginChild(Console.OpenStandardInput());
        var id = new ModelId(ModelName.Parse(name), long.Parse(version, CultureInfo.InvariantCulture));
        var check = new ModelCheck(id, folder, file, work, Enum.Parse<CheckExtent>(extent))
        {
            SamplePath = sample.Length == 0 ? null : sample,
            LabelsPath = labels.Length == 0 ? null : labels,
            Shapes = [.. shapes],
        };
        try
        {
            if (await new ModelTrialRun(check).RunAsync() is { } result)
                await File.WriteAllBytesAsync(Path.Combine(work, ResultFile), result);
            return ExitCode.Done;
        }
        catch (FileProblemsException e)
        {
            await Console.Error.WriteLineAsync(
                $"The model does not match its settings. {SourceFilesCheck.Describe(e.Problems)}{check.Advise("Correct them")}");
            return TrialProcess.WrongInputExitCode;
        }
        catch (Exception e) when (e is InferenceException or CliException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e is CliException { ExitCode: ExitCode.WrongUsage } ? TrialProcess.WrongInputExitCode : TrialProcess.RefusedExitCode;
        }
    }

    /// <summary>Returns advice to push again, after a space; empty for a stored version, for which the caller adds the advice.</summary>
    /// <param name="action">What to do, without a period.</param>
    public string Advise(string action) => Extent == CheckExtent.TryRun ? "" : $" {action}, and push again.";
}

/// <summary>Whether a check only loads the model, or also runs it.</summary>
internal enum CheckExtent
{
    /// <summary>The model must load.</summary>
    LoadOnly,

    /// <summary>
    /// The check of a stored version. The model must load, and pass the warm-up samples of its settings. Without samples, one run on zeros
    /// in the model's smallest shape is tried, and an error of that run is ignored.
    /// </summary>
    TryRun,

    /// <summary>
    /// The model must load, and run on the sample and on the warm-up samples of its settings. Without any samples, the model must run on
    /// zeros. The check also examines whether requests may share runs.
    /// </summary>
    Run,
}
