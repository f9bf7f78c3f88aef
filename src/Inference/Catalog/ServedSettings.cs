using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Catalog;

/// <summary>The settings a model is served with.</summary>
/// <param name="Tag">The store's tag of the files they come from; empty for a model without any.</param>
internal sealed record ServedSettings(ModelConfiguration Configuration, string Tag)
{
    public static ServedSettings None { get; } = new(ModelConfiguration.Default, "");

    public ModelSettings Settings => Configuration.Settings;

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
        && Settings.Results == other.Settings.Results && Settings.Limits == other.Settings.Limits && Settings.Timeouts == other.Settings.Timeouts
        && Configuration.Declared == other.Configuration.Declared
        && Settings.Image == other.Settings.Image && Settings.Text == other.Settings.Text
        && Samples(Settings).SequenceEqual(Samples(other.Settings));

    /// <summary>The warm-up requests, wherever they stand in their file.</summary>
    private static IEnumerable<(string? Request, int Count)> Samples(ModelSettings settings) =>
        settings.Lifecycle.Warmup.Select(sample => (sample.Request, sample.Count));
}
