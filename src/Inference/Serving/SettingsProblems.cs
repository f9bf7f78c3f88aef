using System.Collections.Concurrent;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Serving;

/// <summary>What is wrong with the settings of models that nobody has asked for yet. Files are read again only when they have changed.</summary>
internal sealed class SettingsProblems(IModelStore store)
{
    /// <summary>Files are small and stores are far.</summary>
    private const int ModelsAtOnce = 8;

    private readonly ConcurrentDictionary<ModelName, (string Tag, string? Problem)> _known = new();

    /// <param name="names">Some of the models that are listed.</param>
    /// <returns>What is wrong, by the model's name.</returns>
    public async Task<IReadOnlyDictionary<ModelName, string>> FindAsync(
        ModelListing listing, IReadOnlyCollection<ModelName> names, CancellationToken cancellationToken)
    {
        var changed = names.Where(name => listing.SettingsTag(name) != _known.GetValueOrDefault(name, (Tag: "", null)).Tag);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ModelsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            changed,
            options,
            async (name, token) => _known[name] = await ReadAsync(name, listing.SettingsTag(name), token).ConfigureAwait(false)).ConfigureAwait(false);
        var problems = new Dictionary<ModelName, string>();
        foreach (var name in names)
        {
            if (_known.TryGetValue(name, out var known) && known.Problem is { } problem)
                problems.Add(name, problem);
        }

        return problems;
    }

    private async Task<(string Tag, string? Problem)> ReadAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        try
        {
            await ServedSettings.ReadAsync(store, name, tag, cancellationToken).ConfigureAwait(false);
            return (tag, null);
        }
        catch (InferenceException e)
        {
            // Of a store that could not be reached nothing is remembered.
            return (e.InnerException is FileProblemsException ? tag : "", e.Message);
        }
    }
}
