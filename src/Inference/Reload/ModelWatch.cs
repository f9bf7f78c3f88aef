using System.Diagnostics.CodeAnalysis;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>Keeps one model in step with the store, one reload at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class ModelWatch(ModelCatalog catalog, ModelName name)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Settling<string> _settling = new();

    public bool IsIdle => _oneAtATime.CurrentCount > 0;

    /// <summary>Takes what the store has now, at once, after the reload under way.</summary>
    public async Task ReloadAsync(Func<Task<ModelListing>> list, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var listing = await list().ConfigureAwait(false);
            await new ModelReload(catalog, name, isForced: true, static (_, _) => true)
                .RunAsync(listing, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>
    /// Takes the changes that two looks in a row have found. Does nothing while another reload of the model is under way.
    /// </summary>
    public async Task LookAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        if (!await _oneAtATime.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
            return;
        try
        {
            await new ModelReload(catalog, name, isForced: false, _settling.TrySettle)
                .RunAsync(listing, cancellationToken).ConfigureAwait(false);
            _settling.Next();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The other models go on, and the next look tries again.
            catalog.Logger.ReloadFailed(e, name, e.Message);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
