using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>Predictions asked for by messages.</summary>
public sealed class PredictionQueueFunctions(QueuePredictor predictor)
{
    /// <param name="id">
    /// Absent, like the attempt, when the function is invoked by the host's admin API, as by the portal's Test/Run.
    /// </param>
    [Function("PredictionQueue")]
    public Task<QueueAnswer> RunAsync(
        [QueueTrigger("%Predictions:Queue%", Connection = StorageAccount.DataSetting)] byte[] message,
        string id = "",
        long dequeueCount = 1,
        CancellationToken cancellationToken = default) =>
        predictor.AnswerAsync(message, id, dequeueCount, cancellationToken);
}
