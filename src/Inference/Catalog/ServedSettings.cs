using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>The settings that a model is served with.</summary>
/// <param name="Tag">The store's tag of the settings files; empty for a model without settings files.</param>
internal sealed record ServedSettings(ModelConfiguration Configuration, string Tag)
{
    /// <summary>The settings of a model without settings files.</summary>
    public static ServedSettings None { get; } = new(ModelConfiguration.Default, "");

    public ModelSettings Settings => Configuration.Settings;

    /// <summary>Returns the listed versions that are served. Versions below the minimum in the settings are not served.</summary>
    public IEnumerable<ModelVersion> SelectServed(IReadOnlyCollection<ModelVersion> listed)
    {
        var numbers = Settings.Versions.SelectServed(listed.Select(version => version.Id.Version)).ToHashSet();
        return listed.Where(version => numbers.Contains(version.Id.Version));
    }

    /// <summary>
    /// Returns a tag for these settings together with the files of the served versions. A trial of the settings is valid only for the same
    /// tag, because the same settings may fit some files and contradict others.
    /// </summary>
    /// <param name="stored">The versions of the model in the store.</param>
    public string CreateTrialTag(IReadOnlyCollection<ModelVersion> stored) =>
        string.Join('\n', SelectServed(stored).Select(version => $"{version.Id} {version.Tag}").Prepend(Tag));

    /// <summary>
    /// Throws if no version of a model is served. Either the settings select no version of the store, or the store has no usable version.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: no version is served.</exception>
    public void ThrowIfNoneIsServed(ModelName name, ModelListing listing)
    {
        long[] stored = [.. listing.Select(version => version.Id.Version)];
        if (StoredVersionsCheck.FindNoneServed(name, Configuration, stored, listing.GetUnusable(name)) is { } reason)
            throw new InferenceException(InferenceError.ModelUnavailable, reason) { Cause = FailureCause.Settings };
        listing.ThrowIfUnusable(name);
    }

    /// <summary>Returns the versions that labels and traffic shares refer to.</summary>
    public IEnumerable<long> FindNamedVersions()
    {
        var versions = Settings.Versions;
        return versions.Traffic.Select(share => share.Version.Resolve(versions.Labels))
            .OfType<long>().Concat(versions.Labels.Values).Distinct();
    }

    /// <summary>Whether a loaded session stays valid under other settings. Otherwise the version must be loaded again.</summary>
    public bool CanKeepSessions(ServedSettings other) =>
        Settings.Batching == other.Settings.Batching && Settings.Execution == other.Settings.Execution
        && Settings.Results == other.Settings.Results && Settings.Limits == other.Settings.Limits
        && Settings.Timeouts == other.Settings.Timeouts
        && Configuration.Declared == other.Configuration.Declared
        && Settings.File == other.Settings.File
        && Settings.Task == other.Settings.Task && Settings.Image == other.Settings.Image && Settings.Text == other.Settings.Text
        && GetSamples(Settings).SequenceEqual(GetSamples(other.Settings))
        && !Configuration.IsSignedBefore(other.Configuration.SignedAt);

    /// <summary>Throws unless a version may be loaded under these settings.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the version is below the minimum, or it was signed together with newer settings than
    /// these.
    /// </exception>
    public void ThrowIfForbidden(ModelId id, ModelFiles files)
    {
        var minimum = Settings.Versions.Minimum;
        if (id.Version < minimum)
            throw CreateRefusal($"it is below \"versions.minimum\" of its settings, {minimum}. Use version {minimum} or a higher one.");
        if (Configuration.FindAgeProblem(files.SettingsSignedAt) is { } problem)
            throw CreateRefusal(problem);

        InferenceException CreateRefusal(string reason) =>
            new(InferenceError.ModelUnavailable, $"Model {id} is not trusted: {reason}")
            {
                LastsUntilFilesChange = true,
                IsTrustFailure = true,
                Cause = FailureCause.Settings,
            };
    }

    /// <summary>
    /// Returns the warm-up requests without their positions in the file, so that a request at another position does not count as a change.
    /// </summary>
    private static IEnumerable<(string? Request, int Count)> GetSamples(ModelSettings settings) =>
        settings.Lifecycle.Warmup.Select(sample => (sample.Request, sample.Count));
}
