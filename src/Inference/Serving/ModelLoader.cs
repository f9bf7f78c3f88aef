using System.Collections.Immutable;
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
    TimeProvider time,
    ILogger<ModelCatalog> logger)
{
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
            var loaded = await OpenAsync(slot.Version, files, labels, memory, cancellationToken).ConfigureAwait(false);
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
        logger.ModelLoaded(id, (long)duration.TotalMilliseconds, loaded.Memory.Bytes);
    }

    public void Leased() => budget.Leased();

    private async Task<LoadedModel> OpenAsync(
        ModelVersion version, ModelFiles files, ImmutableArray<string> labels, ModelMemory memory, CancellationToken cancellationToken)
    {
        var id = version.Id;
        var served = settings(id.Name);
        var session = await runtime.LoadAsync(id, files, served.Settings.Execution, cancellationToken).ConfigureAwait(false);
        try
        {
            // Files of a folder may have been replaced between the first one that was read and the last.
            await store.FetchAsync(version, cancellationToken).ConfigureAwait(false);
            served.Configuration.Check(session.Signature);
            foreach (var sample in served.Settings.Lifecycle.Warmup)
            {
                for (var run = 0; run < sample.Count; run++)
                    await WarmUp.RunAsync(session, cancellationToken).ConfigureAwait(false);
            }

            return new LoadedModel(Describe(id, session, labels, served.Settings, files), session, served.Settings, memory);
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
