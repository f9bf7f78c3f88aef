using System.Collections.Immutable;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Crash;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using Inference.WarmUp;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Opens the files of a version in its runtime. Verifies that the model matches its settings, and that it runs.</summary>
/// <param name="readSample">
/// Reads the warm-up requests in the settings. If null, models whose settings have warm-up requests are refused.
/// </param>
public sealed class ModelOpener(IModelStore store, IModelRuntime runtime, RequestReader? readSample, ILogger<ModelOpener> logger)
{
    /// <summary>
    /// The maximum number of a model's examples, and their maximum length in characters. Each description of the model contains all
    /// examples.
    /// </summary>
    private const int MaxExamples = 10, MaxExampleLength = 64 * 1024;

    private readonly WarmUpSamples _samples = new(readSample);
    private readonly OutputLabels _labels = new(logger);

    /// <summary>Rejects versions that crashed a process or failed a trial. If null, every version is loaded.</summary>
    public ModelGuard? Guard { get; init; }

    /// <summary>
    /// Reads the other files that requests need, such as those of a tokenizer, so that no file is read after the load. Null when requests
    /// need no other files. The function throws <see cref="InferenceError.ModelUnavailable"/>.
    /// </summary>
    public Action<Model>? ReadRequestFiles { get; init; }

    /// <summary>
    /// Completes the settings of a model from the files in the folder of a version. If null, the settings are used as they are. The
    /// function throws <see cref="FileProblemsException"/>.
    /// </summary>
    public Func<ModelConfiguration, string, ModelSignature, ModelConfiguration>? ReadFolder { get; init; }

    /// <summary>Estimates the memory that a version needs.</summary>
    internal MemoryEstimate EstimateMemory(ModelVersion version, ModelSettings settings) => runtime.EstimateMemory(version.Size, settings);

    /// <inheritdoc cref="IModelRuntime.FindProblemAsync"/>
    internal Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken) =>
        runtime.FindProblemAsync(file, cancellationToken);

    /// <summary>Loads the files, compares the model with its settings, and runs the warm-up requests.</summary>
    /// <param name="memory">The reserved memory, which the loaded model releases. After a failure, the caller releases the memory.</param>
    /// <param name="limit">Limits the time of each phase of the load.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>, with the reason.</exception>
    internal async Task<LoadedModel> OpenAsync(
        LoadSource source, ModelMemory memory, ModelTelemetry telemetry, PhaseLimit limit)
    {
        var (version, files, served, _) = source;
        var (settings, cancellationToken) = (served.Settings, limit.Token);
        limit.Enter("load", settings.Timeouts.Load, "timeouts.load");
        await ThrowIfRefusedAsync(source, cancellationToken).ConfigureAwait(false);
        var labels = await OutputLabels.ReadAsync(files.LabelsPath, cancellationToken).ConfigureAwait(false);
        // The digest is computed at the same time as the load, which mostly uses one processor.
        var digestTask = settings.Results.IncludesDigest ? ModelDigest.ComputeAsync(files, cancellationToken)
            : Task.FromResult<ModelDigest?>(null);
        var listedFiles = files with { Size = version.Size, RecordTag = version.RecordTag };
        var session = await runtime.LoadAsync(version.Id, listedFiles, settings, cancellationToken).ConfigureAwait(false);
        try
        {
            var digest = await digestTask.ConfigureAwait(false);
            // Files of a folder may have been replaced between the first read and the last.
            await store.ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
            session = served.Configuration.Apply(session);
            var model = CreateModel(source, session, labels) with { Digest = digest };
            ReadRequestFiles?.Invoke(model);
            await WarmUpAsync(model, session, settings, limit).ConfigureAwait(false);
            return new LoadedModel(model, session, settings, memory, telemetry)
            {
                Contract = BatchContract.Create(settings.Batching, session, source.Contract),
                Digest = new LoadedDigest(version, files, store),
                Copy = files.Copy,
            };
        }
        catch (Exception e)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (e is not FileProblemsException)
                throw;
            throw new InferenceException(InferenceError.ModelUnavailable, $"Model {version.Id} does not match its settings: {e.Message}", e)
            {
                Cause = FailureCause.Settings,
            };
        }
    }

    /// <summary>
    /// Throws if the version must not be loaded. If the version has not passed a trial yet, a child process loads and runs it first.
    /// </summary>
    /// <exception cref="InferenceException">The settings forbid the files, or the version failed its trial.</exception>
    private async Task ThrowIfRefusedAsync(LoadSource source, CancellationToken cancellationToken)
    {
        var (version, files, served, _) = source;
        served.ThrowIfForbidden(version.Id, files);
        ThrowIfAlsoRemote(version, files, served.Settings);
        if (Guard is not null && !files.IsRemote)
            await Guard.RunTrialAsync(version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Enters the warm-up phase, and runs the warm-up requests of the settings, if any, on a thread of their own.</summary>
    private async Task WarmUpAsync(Model model, IModelSession session, ModelSettings settings, PhaseLimit limit)
    {
        limit.Enter("warm-up", settings.Timeouts.Warmup, "timeouts.warmup");
        if (settings.Lifecycle.Warmup is { IsEmpty: false } samples)
            await DedicatedThread.RunAsync(() => _samples.RunAsync(model, session, samples, limit.Token)).ConfigureAwait(false);
    }

    private static void ThrowIfAlsoRemote(ModelVersion version, ModelFiles files, ModelSettings settings)
    {
        if (settings.Remote is not null && !files.IsRemote)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {version.Id} has files, but \"remote\" in {ModelSettings.FileName} names a server for it. Remove the "
                + "version's files, or \"remote\".")
            {
                Cause = FailureCause.Settings,
            };
        }
    }

    private Model CreateModel(LoadSource source, IModelSession session, ImmutableArray<string> labels)
    {
        var folder = source.Files.Folder ?? Path.GetDirectoryName(source.Files.ModelPath) ?? "";
        var declared = source.Settings.Configuration;
        // A model file without a version folder shares its folder with other models, so that folder is not read.
        var configuration = source.Files is { Folder: not null, IsRemote: false }
            ? ReadFolder?.Invoke(declared, folder, session.Signature) ?? declared
            : declared;
        var (settings, warnings) = (configuration.Settings, configuration.Warnings.Skip(declared.Warnings.Count));
        var hasFile = !labels.IsEmpty;
        if (labels.IsEmpty)
            labels = configuration.Labels;
        var model = new Model(source.Version.Id, session.Signature, labels)
        {
            OperatorLibraries = session.OperatorLibraries,
            Declared = declared.Declared,
            OutputLabels = _labels.ReadForOutputs(source.Version.Id, declared, folder),
            Task = settings.Task,
            Image = settings.Image,
            Text = settings.Text,
            Limits = DimensionLimits.Create(settings.Limits, session.Signature),
            Examples = GetExamples(settings),
            Folder = folder,
            Warnings = [.. warnings],
        };
        foreach (var warning in model.Warnings)
            logger.FolderHasNoTask(model.Id, warning);
        return labels.IsEmpty && model.OutputLabels.Count == 1 ? WithLabels(model) : WithoutUnusableLabels(model, hasFile);
    }

    /// <summary>
    /// Reports labels that fit no output. A model with a task is returned without them, because its task would give scores the wrong names.
    /// </summary>
    /// <param name="hasFile">
    /// Whether the labels are those of the labels file. <see cref="ReadFolder"/> reports a problem of the labels in another file.
    /// </param>
    private Model WithoutUnusableLabels(Model model, bool hasFile)
    {
        if (!model.HasUnusableLabels)
            return model;
        var scoreType = model.Task is null ? "floating-point" : ElementType.Float32.Name();
        logger.LabelsFitNoOutput(model.Id, model.Labels.Length, scoreType);
        var problem = new FileProblem(
            ModelVersion.LabelsFileName, 0, 0, "",
            $"There {(model.Labels.Length == 1 ? "is" : "are")} {Counted.Text(model.Labels.Length, "label")}, but no output has one "
            + $"{scoreType} score per label for each item. Responses of predict calls have no labels. Correct the file, or convert the "
            + "scores to FP32 in the model.");
        return model with { Labels = model.Task is null ? model.Labels : [], LabelProblem = hasFile ? problem : null };
    }

    private static ImmutableArray<string> GetExamples(ModelSettings settings) =>
    [
        .. settings.Lifecycle.Warmup.Select(static sample => sample.Request).OfType<string>()
            .Where(static request => request.Length <= MaxExampleLength).Take(MaxExamples),
    ];

    /// <summary>Uses the labels of the only labelled output as the labels of the model, if they fit that output.</summary>
    private static Model WithLabels(Model model)
    {
        var (output, labels) = model.OutputLabels.First();
        var labelled = model with { Labels = labels };
        return model.Signature.Outputs.Any(spec => spec.Name == output && labelled.HasLabelsFor(spec)) ? labelled : model;
    }
}
