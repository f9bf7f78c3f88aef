using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Crash;

/// <summary>Prevents loads of versions that crashed a process or failed a trial.</summary>
/// <param name="runTrial">
/// Loads and runs a version in a child process, and returns null when the trial passed. If this parameter is null, versions are loaded
/// without a trial.
/// </param>
public sealed class ModelGuard(
    VersionRecords records,
    Func<VersionKey, CancellationToken, Task<TrialFailure?>>? runTrial,
    TimeProvider time,
    ILogger<ModelGuard> logger)
{
    /// <summary>Returns the reason why a version is quarantined, and how to release it; null when the version may be loaded.</summary>
    internal string? FindQuarantine(ModelVersion version) => records.Find(VersionMark.Quarantined, new VersionKey(version)) is { } reason
        ? $"{reason} The model is not loaded until its files change or an operator requests its load: "
            + $"POST /v2/repository/models/{version.Id.Name}/load."
        : null;

    /// <summary>Throws if a version must not be loaded.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the version is quarantined.</exception>
    internal void ThrowIfQuarantined(ModelVersion version)
    {
        if (FindQuarantine(version) is { } reason)
            throw CreateQuarantineError(reason);
    }

    /// <summary>Runs a trial of a version in a child process, unless the version has passed a trial before or trials are off.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the trial failed. A version that would have harmed this process is quarantined.
    /// </exception>
    internal async Task RunTrialAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var key = new VersionKey(version);
        if (runTrial is null || records.Find(VersionMark.TrialPassed, key) is not null)
            return;
        var started = time.GetTimestamp();
        if (await runTrial(key, cancellationToken).ConfigureAwait(false) is not { } failure)
        {
            logger.TrialPassed(version.Id, (long)time.GetElapsedTime(started).TotalMilliseconds);
            records.Write(VersionMark.TrialPassed, key, $"Model {version.Id} passed its trial at {time.GetUtcNow():u}.");
            return;
        }

        if (!failure.IsHarmful)
            throw new InferenceException(InferenceError.ModelUnavailable, failure.Reason) { LastsUntilFilesChange = true };
        var reason = $"Model {version.Id} {failure.Reason} in its trial at {time.GetUtcNow():u}.";
        records.Write(VersionMark.Quarantined, key, reason);
        logger.Quarantined(version.Id, reason);
        throw CreateQuarantineError(FindQuarantine(version) ?? reason);
    }

    /// <summary>Records that a version has loaded, by removing its mark <see cref="VersionMark.Suspected"/>.</summary>
    internal void RecordLoad(ModelVersion version) => records.Delete(VersionMark.Suspected, new VersionKey(version));

    /// <summary>Allows all versions of a model to be loaded and prepared again.</summary>
    /// <returns>Whether any version was blocked.</returns>
    internal bool Release(ModelName name)
    {
        if (!records.DeleteBlockingMarks(name))
            return false;
        logger.Released(name);
        return true;
    }

    private static InferenceException CreateQuarantineError(string reason) =>
        new(InferenceError.ModelUnavailable, reason) { LastsUntilFilesChange = true, Cause = FailureCause.Files };
}
