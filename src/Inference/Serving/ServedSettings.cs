using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Triton;

namespace Inference.Serving;

/// <summary>The settings a model is served with.</summary>
/// <param name="Tag">The store's tag of the files they come from; empty for a model without any.</param>
internal sealed record ServedSettings(ModelConfiguration Configuration, string Tag)
{
    public static ServedSettings None { get; } = new(new ModelConfiguration(ModelSettings.Default, Triton: null), "");

    public ModelSettings Settings => Configuration.Settings;

    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>, with everything that is wrong with the files.</exception>
    public static async Task<ServedSettings> ReadAsync(IModelStore store, ModelName name, string tag, CancellationToken cancellationToken)
    {
        var files = tag.Length == 0 ? [] : await store.ReadSettingsAsync(name, cancellationToken).ConfigureAwait(false);
        try
        {
            return new ServedSettings(ModelConfiguration.Read(name, Content(files, ModelSettingsReader.FileName), Content(files, TritonConfig.FileName)), tag);
        }
        catch (FileProblemsException e)
        {
            throw new InferenceException(InferenceError.ModelUnavailable, $"The settings of model {name} cannot be used. {e.Message}", e);
        }
    }

    /// <summary>The versions of the model that are served at all.</summary>
    public IEnumerable<ModelVersion> Served(IReadOnlyCollection<ModelVersion> listed)
    {
        var numbers = Settings.Versions.Serve.Served(listed.Select(version => version.Id.Version));
        return listed.Where(version => numbers.Contains(version.Id.Version));
    }

    /// <summary>The versions that labels and shares of the traffic point at.</summary>
    public IEnumerable<long> Named()
    {
        var versions = Settings.Versions;
        return versions.Traffic.Select(share => share.Version.Resolve(versions.Labels)).OfType<long>().Concat(versions.Labels.Values).Distinct();
    }

    /// <summary>Whether a loaded session goes on under other settings, or is to be made anew.</summary>
    public bool KeepsSessions(ServedSettings other) =>
        Settings.Batching == other.Settings.Batching && Settings.Execution == other.Settings.Execution
        && Settings.Results == other.Settings.Results && Configuration.Triton == other.Configuration.Triton
        && Settings.Image == other.Settings.Image && Settings.Text == other.Settings.Text;

    private static byte[]? Content(IReadOnlyList<SettingsFile> files, string name) =>
        files.FirstOrDefault(file => file.Name == name)?.Content.ToArray();
}
