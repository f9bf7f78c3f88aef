using System.Collections.Immutable;
using Inference.Batching;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Trust;
using Microsoft.Extensions.Logging;

namespace Inference.Serving;

/// <summary>Makes a loaded model out of a version in the store, step by step; what a failed step leaves behind is given back.</summary>
/// <param name="settings">Those a model is served with at the moment.</param>
internal sealed class ModelLoader(
    IModelStore store,
    IModelRuntime runtime,
    MemoryBudget budget,
    TrustPolicy trust,
    Func<ModelName, ServedSettings> settings,
    RequestReader? readSample,
    TimeProvider time,
    ILogger<ModelCatalog> logger)
{
    private readonly WarmUpSamples _samples = new(readSample);

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken) => store.FetchAsync(version, cancellationToken);

    public async Task<LoadedModel> OpenAsync(ModelSlot slot, ModelFiles files, CancellationToken cancellationToken)
    {
        slot.IsBroken = true;
        await trust.CheckAsync(slot.Version.Id, files.ModelPath, cancellationToken).ConfigureAwait(false);
        var labels = await ReadLabelsAsync(files.LabelsPath, cancellationToken).ConfigureAwait(false);
        var memory = await budget.ReserveAsync(slot, slot.Version.Size, cancellationToken).ConfigureAwait(false);
        try
        {
            memory.Started = time.GetTimestamp();
            var loaded = await OpenAsync(slot, files, labels, memory, cancellationToken).ConfigureAwait(false);
            slot.IsBroken = false;
            return loaded;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Once its slot has it: before, there would be nothing to unload.</summary>
    public void Loaded(ModelId id, LoadedModel loaded)
    {
        var duration = time.GetElapsedTime(loaded.Memory.Started);
        budget.Loaded(loaded.Memory, duration);
        InferenceMetrics.Loaded(loaded.Tags, duration);
        logger.ModelLoaded(id, (long)duration.TotalMilliseconds, loaded.Memory.Bytes);
    }

    public bool HasRoom(ModelVersion version) => budget.HasRoom(version.Size);

    public void Leased() => budget.Leased();

    private async Task<LoadedModel> OpenAsync(
        ModelSlot slot, ModelFiles files, ImmutableArray<string> labels, ModelMemory memory, CancellationToken cancellationToken)
    {
        var id = slot.Version.Id;
        var served = settings(id.Name);
        if (served.Settings.Remote is not null && !SettingsFile.IsRemote(files))
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} has files of its own, but {SettingsFile.RemoteModel} says that another server has it: remove its versions, or \"remote\".");
        }

        // Beside the load, which takes one processor for the most part.
        var digest = served.Settings.Results.Digest ? ModelDigest.ComputeAsync(files.ModelPath, cancellationToken) : Task.FromResult<ModelDigest?>(null);
        var session = await runtime.LoadAsync(id, files, served.Settings.Execution, cancellationToken).ConfigureAwait(false);
        try
        {
            var known = await digest.ConfigureAwait(false);
            // Files of a folder may have been replaced between the first one that was read and the last.
            await store.FetchAsync(slot.Version, cancellationToken).ConfigureAwait(false);
            served.Configuration.Check(session.Signature);
            var model = Describe(id, session, labels, served.Settings, files) with { Digest = known };
            await _samples.RunAsync(model, session, served.Settings.Lifecycle.Warmup, cancellationToken).ConfigureAwait(false);
            slot.Contract = BatchContract.Create(served.Settings.Batching, session.Signature, slot.Contract);
            return new LoadedModel(model, session, served.Settings, memory, slot.Statistics)
            {
                Contract = slot.Contract,
                Logger = logger,
                Digest = new LoadedDigest(slot.Version, files.ModelPath, store),
            };
        }
        catch (FileProblemsException e)
        {
            session.Dispose();
            throw new InferenceException(InferenceError.ModelUnavailable, $"Model {id} is not what its settings say: {e.Message}", e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private Model Describe(ModelId id, IModelSession session, ImmutableArray<string> labels, ModelSettings settings, ModelFiles files)
    {
        var model = new Model(id, session.Signature, labels) { Image = settings.Image, Text = settings.Text, Folder = Path.GetDirectoryName(files.ModelPath) ?? "" };
        if (!labels.IsEmpty && !session.Signature.Outputs.Any(model.HasLabelsFor))
            logger.LabelsFitNoOutput(id, labels.Length);
        return model;
    }

    private static async Task<ImmutableArray<string>> ReadLabelsAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
            return [];
        var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        // Editors leave blank lines at the end; a blank line between others counts.
        return [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
    }
}
