using Inference.Models.Settings;

namespace Inference.Models;

/// <summary>
/// Lists and opens models. A failure of the store itself has the error <see cref="InferenceError.ModelUnavailable"/> and a message that
/// names the store. The store never returns half-written files, or files that changed during the read. <see cref="object.ToString"/>
/// describes the location for people, without secrets.
/// </summary>
public interface IModelStore
{
    /// <summary>
    /// Lists the current versions of one model, or of all models when <paramref name="name"/> is null. A model that cannot be listed is in
    /// <see cref="ModelListing.Failures"/> and does not affect the other models.
    /// </summary>
    Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken);

    /// <summary>Reads and parses the settings files of a model.</summary>
    /// <returns><see cref="ModelConfiguration.Default"/> for a model without settings files.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the files are invalid (<see cref="InferenceException.LastsUntilFilesChange"/>, with
    /// every problem in the message), or the store cannot be reached.
    /// </exception>
    Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken);

    /// <summary>
    /// Provides the files of exactly this version, with this tag, on the local disk, and verifies them against the version's manifest. The
    /// files stay until their <see cref="ModelFiles.Copy"/> is disposed. Files without a copy stay until the process ends. A cancelled call
    /// leaves no incomplete files.
    /// </summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>. Its <see cref="InferenceException.RetryAfter"/> is zero when the version has changed
    /// since it was listed, so that a new listing helps at once. <see cref="InferenceException.LastsUntilFilesChange"/> is true when the
    /// verification fails.
    /// </exception>
    Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the model file of a version in the store, to check its content without a load. The file is neither copied nor verified.
    /// </summary>
    /// <returns>A seekable stream; null when the version has no model file, or when the store does not support such checks.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the store cannot be read, or the version must not be opened.
    /// </exception>
    Task<Stream?> OpenAsync(ModelVersion version, CancellationToken cancellationToken) => Task.FromResult<Stream?>(null);

    /// <summary>Throws if the files have changed since <see cref="FetchAsync"/> returned them.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, with a <see cref="InferenceException.RetryAfter"/> of zero: the files have changed.
    /// </exception>
    Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken);
}
