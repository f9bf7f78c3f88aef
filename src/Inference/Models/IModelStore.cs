namespace Inference.Models;

/// <summary>
/// Where models come from. Failures of the store itself are <see cref="InferenceError.ModelUnavailable"/>, with a message
/// that names the store; whatever the store cannot vouch for (half-written, changed while it was read) is never returned.
/// <see cref="object.ToString"/> tells people where that is, without secrets.
/// </summary>
public interface IModelStore
{
    /// <summary>The versions there are now: of one model, or of all when <paramref name="name"/> is null.</summary>
    Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken);

    /// <summary>The settings files of a model, as they are now; empty when it has none.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>, also for a file above <see cref="SettingsFile.MaxSize"/>.</exception>
    Task<IReadOnlyList<SettingsFile>> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the files of exactly this version, with this tag, available on local disk. They stay until the process ends.
    /// Cancelling leaves nothing half-done behind.
    /// </summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>; with a <see cref="InferenceException.RetryAfter"/> of zero when the version
    /// changed since it was listed, so that listing it again helps at once.
    /// </exception>
    Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken);
}
