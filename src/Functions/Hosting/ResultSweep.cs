using Inference.Azure.Predictions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageAccounts;

namespace Functions.Hosting;

/// <summary>
/// Deletes predictions whose time to live has passed. No caller notices when this happens, because expired results are not served.
/// </summary>
internal sealed partial class ResultSweep(
    PredictionContainer container, PredictionSettings settings, StorageAccount account, TimeProvider time, ILogger<ResultSweep> logger)
    : BackgroundService
{
    /// <summary>
    /// The delay before the first sweep. The delay is long enough not to slow the start, but short enough for an app that soon scales to
    /// zero.
    /// </summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.TimeToLive is null || !account.IsSet)
            return;
        for (var delay = FirstDelay; ; delay = Interval)
        {
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
            try
            {
                if (await container.DeleteExpiredAsync(stoppingToken).ConfigureAwait(false) is var deleted and > 0)
                    ResultsDeleted(deleted);
            }
            catch (Exception e) when (e is PredictionStorageException or StorageSettingsException)
            {
                SweepFailed(e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Expired results, requests and jobs were deleted: {Count}.")]
    private partial void ResultsDeleted(int count);

    [LoggerMessage(LogLevel.Warning, "Expired results were not deleted; the next try is in an hour. {Reason}")]
    private partial void SweepFailed(string reason);
}
