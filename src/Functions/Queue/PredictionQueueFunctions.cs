using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>Runs the predictions that queue messages request.</summary>
public sealed class PredictionQueueFunctions(QueuePredictor predictor)
{
    /// <param name="id">
    /// The message's id in the queue; empty when the admin API of a Functions host invokes the function, as Test/Run in the portal does.
    /// </param>
    /// <param name="dequeueCount">The number of the attempt, from 1; always 1 when the admin API invokes the function.</param>
    [Function("PredictionQueue")]
    public Task<QueueFunctionOutputs> RunAsync(
        [QueueTrigger("%Predictions:Queue%", Connection = StorageAccount.DataSetting)] byte[] message,
        string id = "",
        long dequeueCount = 1,
        CancellationToken cancellationToken = default) =>
        predictor.ProcessAsync(message, id, dequeueCount, cancellationToken);
}
