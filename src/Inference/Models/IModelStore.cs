using Inference.Models.Settings;

namespace Inference.Models;

/// <summary>
/// Lists and opens models. Failures of the store itself are <see cref="InferenceError.ModelUnavailable"/>, with a message
/// that names the store; whatever the store cannot vouch for (half-written, changed while it was read) is never returned.
/// <see cref="object.ToString"/> tells people where that is, without secrets.
/// </summary>
public interface IModelStore
{
    /// <summary>
    /// The versions there are now: of one model, or of all when <paramref name="name"/> is null. A model that cannot be listed is among the
    /// <see cref="ModelListing.Failures"/> and stops no other.
    /// </summary>
    Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken);

    /// <summary>Reads and parses the settings files of a model.</summary>
    /// <returns><see cref="ModelConfiguration.Default"/> for a model without settings files.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the files cannot be used (<see cref="InferenceException.IsCausedByFiles"/>, with
    /// every problem), or the store cannot be reached.
    /// </exception>
    Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the files of exactly this version, with this tag, available on local disk, and verifies them against the version's manifest.
    /// They stay until their <see cref="ModelFiles.Copy"/> is disposed, or without one until the process ends. Cancelling leaves nothing
    /// half-done behind.
    /// </summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>; with a <see cref="InferenceException.RetryAfter"/> of zero when the version
    /// changed since it was listed, so that listing it again helps at once; <see cref="InferenceException.IsCausedByFiles"/> when the
    /// verification fails.
    /// </exception>
    Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken);

    /// <summary>Verifies that the files which <see cref="FetchAsync"/> returned have not changed since.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, with a <see cref="InferenceException.RetryAfter"/> of zero when they have.
    /// </exception>
    Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken);
}
