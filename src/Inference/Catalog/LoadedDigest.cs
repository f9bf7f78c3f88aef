using Inference.Models;
using Inference.Models.Files;

namespace Inference.Catalog;

/// <summary>
/// The digest of the files of a loaded version. The first call of <see cref="GetAsync"/> computes the digest, so that a load does not wait
/// for it.
/// </summary>
internal sealed class LoadedDigest(ModelVersion version, ModelFiles files, IModelStore store)
{
    private readonly Lock _gate = new();
    private Task<ModelDigest?>? _digest;

    /// <summary>The digest, if it was computed successfully; otherwise null.</summary>
    public ModelDigest? Known => Volatile.Read(ref _digest) is { IsCompletedSuccessfully: true } digest ? digest.Result : null;

    /// <summary>Returns the digest; null when the files have changed since the load or cannot be read.</summary>
    public Task<ModelDigest?> GetAsync()
    {
        lock (_gate)
        {
            // A failed digest is not cached, because the next attempt may succeed.
            if (_digest is null or { IsCompleted: true, Result: null })
                _digest = Task.Run(ComputeAsync);
            return _digest;
        }
    }

    private async Task<ModelDigest?> ComputeAsync()
    {
        try
        {
            var digest = await ModelDigest.ComputeAsync(files, CancellationToken.None).ConfigureAwait(false);
            await store.ThrowIfChangedAsync(version, CancellationToken.None).ConfigureAwait(false);
            return digest;
        }
        catch (Exception e) when (e is InferenceException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
