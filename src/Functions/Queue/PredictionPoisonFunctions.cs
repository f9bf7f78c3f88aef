using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>Sends the results of predictions whose messages were moved to the poison queue.</summary>
public sealed class PredictionPoisonFunctions(InterruptedMessages messages)
{
    [Function("PredictionPoison")]
    [QueueOutput("%Predictions:ResultsQueue%", Connection = StorageAccount.DataSetting)]
    public async Task<string[]?> RunAsync(
        [QueueTrigger("%Predictions:Queue%-poison", Connection = StorageAccount.DataSetting)] byte[] message,
        long dequeueCount = 1,
        CancellationToken cancellationToken = default) =>
        await messages.CompleteAsync(message, dequeueCount, cancellationToken).ConfigureAwait(false) is { } result ? [result.Text] : null;
}
