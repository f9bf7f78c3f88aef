using Inference.Crash;
using Inference.WarmUp;

namespace Inference.Catalog;

/// <summary>Loads a version and runs it once, in a process that exists only for the trial. A crash may end this process.</summary>
public sealed class ModelTrial(ModelCatalog catalog)
{
    /// <summary>
    /// Loads the version with its warm-up samples. If the settings have no samples, runs the version on zeros in its smallest shape. A
    /// model that refuses the zeros still passes the trial.
    /// </summary>
    /// <exception cref="InferenceException">The version does not load, or its files in the store have changed.</exception>
    public async Task RunAsync(VersionKey version, CancellationToken cancellationToken)
    {
        var id = version.Id;
        var selector = VersionSelector.FromNumber(id.Version);
        using var lease = await catalog.LeaseAsync(id.Name, selector, cancellationToken).ConfigureAwait(false);
        if (catalog.Find(id.Name) is not { } served || served.Find(id.Version) is not { } slot || new VersionKey(slot.Version) != version)
            throw new InferenceException(InferenceError.ModelUnavailable, $"The files of model {id} changed during its trial.");
        if (!served.Settings.Settings.Lifecycle.Warmup.IsEmpty)
            return;
        try
        {
            await ZeroRun.RunAsync(lease.Session, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            // A model may refuse zeros. The refusal shows that the model ran without a crash.
        }
    }
}
