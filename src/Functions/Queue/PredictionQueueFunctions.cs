using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>Predictions requested by queue messages.</summary>
public sealed class PredictionQueueFunctions(QueuePredictor predictor)
{
    /// <param name="id">
    /// The message's id in the queue. It is empty when the host's admin API invokes the function, for example from Test/Run in the portal.
    /// </param>
    /// <param name="dequeueCount">The number of the attempt, from 1. It is 1 for an invocation by the admin API.</param>
    [Function("PredictionQueue")]
    public Task<QueueFunctionOutputs> RunAsync(
        [QueueTrigger("%Predictions:Queue%", Connection = StorageAccount.DataSetting)] byte[] message,
        string id = "",
        long dequeueCount = 1,
        CancellationToken cancellationToken = default) =>
        predictor.ProcessAsync(message, id, dequeueCount, cancellationToken);
}
