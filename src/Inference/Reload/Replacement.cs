using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.WarmUp;

namespace Inference.Reload;

/// <summary>Decides whether a version in use may be replaced by other files, or by the same files under other settings.</summary>
internal static class Replacement
{
    /// <summary>
    /// The maximum time to wait for the examination of a version, which decides whether requests may share runs. Before the examination
    /// ends, requests to the version do not share runs.
    /// </summary>
    internal static readonly TimeSpan ExaminationLimit = TimeSpan.FromSeconds(5);

    /// <summary>Loads and runs a new slot, before the new slot replaces a slot in use.</summary>
    /// <param name="oldSlot">The slot in use.</param>
    /// <param name="newSlot">The new slot. If the new slot cannot take over, this method closes the new slot.</param>
    /// <param name="settings">The settings to load the new slot under.</param>
    /// <param name="trialTag">
    /// The tag of the files or settings on trial. The refusal keeps the tag, so that the same files or settings are not tried again.
    /// </param>
    /// <param name="limits">The time limits of the run.</param>
    /// <returns>Null when the new slot can take over, or when a slot was closed meanwhile; otherwise the refusal.</returns>
    public static async Task<Refusal?> TryAsync(
        ModelSlot oldSlot, ModelSlot newSlot, ServedSettings settings, string trialTag, TimeLimits limits,
        CancellationToken cancellationToken)
    {
        // The version in use must not be unloaded to make room for its replacement.
        using var hold = oldSlot.Hold();
        try
        {
            using var before = await oldSlot.LeaseAsync(settings, cancellationToken).ConfigureAwait(false);
            using var after = await newSlot.LeaseAsync(settings, cancellationToken).ConfigureAwait(false);
            if (before is null || after is null)
                return null;
            if (!before.Model.Signature.Matches(after.Model.Signature))
            {
                throw new InferenceException(
                    InferenceError.ModelUnavailable,
                    "the inputs or outputs would differ from those in use. Store the files as a new version.");
            }

            var timeout = settings.Settings.Timeouts.Comparison;
            await RunAsync(
                [before, after], newSlot.Version, timeout, limits,
                static (sessions, token) => CheckRunsAsync(sessions[0], sessions[1], token), cancellationToken)
                .ConfigureAwait(false);
            await WaitForVerdictAsync(after, timeout, limits.Time, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (InferenceException e)
        {
            var refusal =
                new Refusal(e.Message, newSlot.MayLoad || newSlot.IsDistrusted ? null : trialTag) { IsTrustFailure = newSlot.IsDistrusted };
            await newSlot.CloseAsync().ConfigureAwait(false);
            return refusal;
        }
        catch (OperationCanceledException)
        {
            await newSlot.CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Loads a version that will become the latest version, and runs it once unless its load has run warm-up samples.</summary>
    /// <returns>Null when the version can take over, or when its slot was closed meanwhile; otherwise the refusal.</returns>
    /// <exception cref="InferenceException">The version does not load.</exception>
    public static async Task<Refusal?> TryLatestAsync(
        ModelSlot candidate, ServedSettings settings, TimeLimits limits, CancellationToken cancellationToken)
    {
        using var lease = await candidate.LeaseAsync(settings, cancellationToken).ConfigureAwait(false);
        if (lease is null)
            return null;
        var timeout = settings.Settings.Timeouts.Comparison;
        try
        {
            if (settings.Settings.Lifecycle.Warmup.IsEmpty)
                await RunAsync([lease], candidate.Version, timeout, limits, TryRunAsync, cancellationToken).ConfigureAwait(false);
            await WaitForVerdictAsync(lease, timeout, limits.Time, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (InferenceException e)
        {
            return new Refusal(
                $"Version {candidate.Version.Id.Version} does not replace the version in use: {e.Message}", candidate.Version.Tag);
        }

        // A correct model may fail on generated inputs, so such a failure does not count.
        static async Task TryRunAsync(IModelSession[] sessions, CancellationToken cancellationToken)
        {
            try
            {
                await ZeroRun.RunAsync(sessions[0], cancellationToken).ConfigureAwait(false);
            }
            catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
            {
            }
        }
    }

    /// <summary>
    /// Waits until the examination has decided whether requests may share runs of the new session. The wait is limited by
    /// <see cref="ExaminationLimit"/> and the timeout.
    /// </summary>
    private static async Task WaitForVerdictAsync(
        ModelLease lease, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (lease.Loaded.Contract.Verdict.Kind != BatchVerdictKind.Pending)
            return;
        // No request runs before the verdict, so the examination need not leave time for one.
        lease.Session.BeginExamination();
        var maxWait = timeout < ExaminationLimit ? timeout : ExaminationLimit;
        await lease.Session.BatchExamined.WaitAsync(maxWait, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Runs sessions within a time limit. The run has its own leases, because an abandoned run continues after this method.
    /// </summary>
    private static Task<bool> RunAsync(
        ModelLease[] leases,
        ModelVersion version,
        TimeSpan timeout,
        TimeLimits limits,
        Func<IModelSession[], CancellationToken, Task> run,
        CancellationToken cancellationToken)
    {
        return limits.RunAsync(version, RunWithLimitAsync, onAbandoned: null, release: static _ => Task.CompletedTask, cancellationToken);

        async Task<bool> RunWithLimitAsync(PhaseLimit limit)
        {
            ModelLease[] ownLeases = [.. leases.Select(static lease => lease.Copy())];
            try
            {
                limit.Enter("comparison", timeout, "timeouts.comparison");
                IModelSession[] sessions = [.. ownLeases.Select(static lease => lease.Session)];
                await DedicatedThread.RunAsync(() => run(sessions, limit.Token)).ConfigureAwait(false);
                return true;
            }
            finally
            {
                foreach (var lease in ownLeases)
                    lease.Dispose();
            }
        }
    }

    /// <summary>
    /// Throws if the new session fails on generated inputs and the old session does not. If both sessions fail, the inputs are considered
    /// the cause.
    /// </summary>
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
