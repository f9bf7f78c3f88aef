using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Catalog;

/// <summary>The settings a model is served with.</summary>
/// <param name="Tag">The store's tag of the files they come from; empty for a model without any.</param>
internal sealed record ServedSettings(ModelConfiguration Configuration, string Tag)
{
    public static ServedSettings None { get; } = new(ModelConfiguration.Default, "");

    public ModelSettings Settings => Configuration.Settings;

    /// <summary>The versions of the model that are served at all. None is below the minimum.</summary>
    public IEnumerable<ModelVersion> Served(IReadOnlyCollection<ModelVersion> listed)
    {
        var recent = listed.Where(version => version.Id.Version >= Settings.Versions.Minimum).ToList();
        var numbers = Settings.Versions.Serve.Served(recent.Select(version => version.Id.Version));
        return recent.Where(version => numbers.Contains(version.Id.Version));
    }

    /// <summary>Says why a model has no version that is served, if all are below the minimum or none can be served.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>.</exception>
    public void ThrowIfNoneIsServed(ModelName name, ModelListing listed)
    {
        if (listed.Count > 0 && listed.Max(version => version.Id.Version) is var highest && highest < Settings.Versions.Minimum)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {name} is not served: its highest version in the store is {highest}, and the minimum "
                + $"is {Settings.Versions.Minimum}.");
        }

        listed.ThrowIfUnusable(name);
    }

    /// <summary>The versions that labels and shares of the traffic point at.</summary>
    public IEnumerable<long> Named()
    {
        var versions = Settings.Versions;
        return versions.Traffic.Select(share => share.Version.Resolve(versions.Labels))
            .OfType<long>().Concat(versions.Labels.Values).Distinct();
    }

    /// <summary>Whether a loaded session goes on under other settings, or is to be made anew.</summary>
    public bool KeepsSessions(ServedSettings other) =>
        Settings.Batching == other.Settings.Batching && Settings.Execution == other.Settings.Execution
        && Settings.Results == other.Settings.Results && Settings.Limits == other.Settings.Limits
        && Settings.Timeouts == other.Settings.Timeouts
        && Configuration.Declared == other.Configuration.Declared
        && Settings.File == other.Settings.File
        && Settings.Task == other.Settings.Task && Settings.Image == other.Settings.Image && Settings.Text == other.Settings.Text
        && Samples(Settings).SequenceEqual(Samples(other.Settings))
        && !IsSignedBefore(other.Configuration.SignedAt);

    /// <summary>Verifies that a version may be loaded under these settings.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the version is below the minimum, or it was signed with newer settings.
    /// </exception>
    public void ThrowIfForbidden(ModelId id, ModelFiles files)
    {
        if (id.Version < Settings.Versions.Minimum)
            throw Refused($"the minimum in the model's settings is version {Settings.Versions.Minimum}.");
        if (!IsSignedBefore(files.SettingsSignedAt))
            return;
        var found = Configuration.SignedAt is { } time ? $"those of the store were signed at {time:u}" : "the store has no signed settings";
        throw Refused(
            $"it was signed with settings of {files.SettingsSignedAt:u}, and {found}. Put those settings back, or newer ones that are "
            + "signed.");

        InferenceException Refused(string reason) =>
            new(InferenceError.ModelUnavailable, $"Model {id} is not trusted: {reason}") { IsCausedByFiles = true, IsOfTrust = true };
    }

    /// <summary>Whether the settings were signed before a time, or not at all.</summary>
    private bool IsSignedBefore(DateTimeOffset? time) => time is { } limit && !(Configuration.SignedAt >= limit);

    /// <summary>The warm-up requests, wherever they stand in their file.</summary>
    private static IEnumerable<(string? Request, int Count)> Samples(ModelSettings settings) =>
        settings.Lifecycle.Warmup.Select(sample => (sample.Request, sample.Count));
}
