using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.WarmUp;

namespace Inference.Reload;

/// <summary>Finds out whether other files, or the same under other settings, may take the place of a version in use.</summary>
internal static class Replacement
{
    /// <summary>Loads a slot that is to take the place of one in use, and runs it.</summary>
    /// <param name="settings">The settings to load it under.</param>
    /// <param name="limits">Bound the run.</param>
    /// <returns>Null when it can take over; otherwise it is closed.</returns>
    public static async Task<Refusal?> TryAsync(
        ModelSlot known, ModelSlot fresh, ServedSettings settings, string tried, TimeLimits limits, CancellationToken cancellationToken)
    {
        // What is about to be replaced must not make room for what replaces it.
        using var hold = known.Hold();
        try
        {
            using var before = await known.LeaseAsync(settings, cancellationToken).ConfigureAwait(false);
            using var after = await fresh.LeaseAsync(settings, cancellationToken).ConfigureAwait(false);
            if (before is null || after is null)
                return null;
            if (!before.Model.Signature.Matches(after.Model.Signature))
            {
                throw new InferenceException(
                    InferenceError.ModelUnavailable, "their inputs or outputs are not those of the files before. Give them a version of their own.");
            }

            var timeout = settings.Settings.Timeouts.Comparison;
            await CheckRunsAsync(before, after, fresh.Version, timeout, limits, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (InferenceException e)
        {
            var refusal = new Refusal(e.Message, fresh.IsUntried ? null : tried);
            await fresh.CloseAsync().ConfigureAwait(false);
            return refusal;
        }
        catch (OperationCanceledException)
        {
            await fresh.CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs the new model within a time limit. The run has leases of its own, because it may outlast this method.</summary>
    private static Task<bool> CheckRunsAsync(
        ModelLease before, ModelLease after, ModelVersion version, TimeSpan timeout, TimeLimits limits, CancellationToken cancellationToken)
    {
        return limits.RunAsync(version, CheckAsync, leave: null, release: static _ => { }, cancellationToken);

        async Task<bool> CheckAsync(PhaseLimit limit)
        {
            using var old = before.Copy();
            using var fresh = after.Copy();
            limit.Enter("comparison", timeout, "timeouts.comparison");
            await OwnThread.RunAsync(() => CheckRunsAsync(old.Session, fresh.Session, limit.Token)).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Some models fail on made-up inputs, and rightly: then the old one does too.</summary>
    private static async Task CheckRunsAsync(IModelSession before, IModelSession after, CancellationToken cancellationToken)
    {
        try
        {
            await ZeroRun.RunAsync(after, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            try
            {
                await ZeroRun.RunAsync(before, cancellationToken).ConfigureAwait(false);
            }
            catch (InferenceException expected) when (expected.Error == InferenceError.RuntimeFailure)
            {
                return;
            }

            throw;
        }
    }
}
