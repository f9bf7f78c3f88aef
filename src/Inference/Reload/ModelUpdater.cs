using System.Diagnostics.CodeAnalysis;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>Keeps one model up to date with the store, with one reload at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing to dispose.")]
internal sealed class ModelUpdater(ModelCatalog catalog, ModelName name)
{
    private readonly SemaphoreSlim _reloadLock = new(1);
    private readonly ChangeDebouncer _debouncer = new();
    private readonly DistrustedParts _distrusted = new(name);

    /// <summary>Whether no reload of the model is in progress.</summary>
    public bool IsIdle => _reloadLock.CurrentCount > 0;

    /// <summary>Applies the store's current state at once. If a reload of the model is in progress, waits for its end first.</summary>
    public async Task ReloadAsync(Func<Task<ModelListing>> list, CancellationToken cancellationToken)
    {
        await _reloadLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var listing = await list().ConfigureAwait(false);
            _distrusted.Clear();
            await new ModelReload(catalog, name, isForced: true, static (_, _) => true, _distrusted)
                .RunAsync(listing, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _reloadLock.Release();
        }
    }

    /// <summary>
    /// Applies the changes that two consecutive checks have found. Does nothing while another reload of the model is in progress.
    /// </summary>
    public async Task PollAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        if (!await _reloadLock.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
            return;
        try
        {
            await new ModelReload(catalog, name, isForced: false, _debouncer.TrySettle, _distrusted)
                .RunAsync(listing, cancellationToken).ConfigureAwait(false);
            _debouncer.EndCheck();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The failure does not stop the reloads of other models, and the next check tries again.
            catalog.Logger.ReloadFailed(e is InferenceException ? null : e, name, e.Message);
        }
        finally
        {
            _reloadLock.Release();
        }
    }
}
