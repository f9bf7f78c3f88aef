using Inference.Models;

namespace Inference.Repository;

/// <summary>The detection of files that were replaced or deleted after their listing.</summary>
public sealed partial class DirectoryModelStore
{
    public async Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(version.Id.Name, cancellationToken).ConfigureAwait(false);
        listed.ThrowIfFailed(version.Id.Name);
        if (!listed.Contains(version))
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"Model {version.Id} in {_root} has changed since it was listed.")
            {
                RetryAfter = TimeSpan.Zero,
            };
        }
    }

    /// <summary>
    /// Runs work on the files of a version. If the files were replaced or deleted meanwhile, a failure says so: a new listing then helps.
    /// </summary>
    private async Task<T> RunUnlessChangedAsync<T>(ModelVersion version, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (InferenceException)
        {
            await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }
}
