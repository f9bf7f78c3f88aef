using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>Predictions requested by queue messages.</summary>
public sealed class PredictionQueueFunctions(QueuePredictor predictor)
{
    /// <param name="id">
    /// The queue's id of the message. The id and the attempt are missing when the host's admin API invokes the function, as the portal's
    /// Test/Run does.
    /// </param>
    [Function("PredictionQueue")]
    public Task<QueueFunctionOutputs> RunAsync(
        [QueueTrigger("%Predictions:Queue%", Connection = StorageAccount.DataSetting)] byte[] message,
        string id = "",
        long dequeueCount = 1,
        CancellationToken cancellationToken = default) =>
        predictor.ProcessAsync(message, id, dequeueCount, cancellationToken);
}
