using Microsoft.Azure.Functions.Worker;

namespace Functions.Queue;

/// <summary>Predictions asked for by messages.</summary>
public sealed class PredictionQueueFunctions(QueuePredictor predictor)
{
    [Function("PredictionQueue")]
    public Task<QueueAnswer> RunAsync(
        [QueueTrigger("%Predictions__Queue%")] byte[] message, string id, long dequeueCount, CancellationToken cancellationToken) =>
        predictor.AnswerAsync(message, id, dequeueCount, cancellationToken);
}
