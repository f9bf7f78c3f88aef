using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>
/// Every call of a storage client goes through here, so that whatever can go wrong with the account is one kind of error.
/// </summary>
internal static class StorageCall
{
    /// <summary>Responses that are no failure, because the caller handles them.</summary>
    private static readonly HashSet<string?> Answers =
    [
        BlobErrorCode.BlobNotFound.ToString(), BlobErrorCode.ContainerNotFound.ToString(),
        BlobErrorCode.BlobAlreadyExists.ToString(), BlobErrorCode.ConditionNotMet.ToString(),
        QueueErrorCode.QueueNotFound.ToString(), QueueErrorCode.MessageNotFound.ToString(), QueueErrorCode.PopReceiptMismatch.ToString(),
    ];

    public static Task RunAsync(string account, string what, Func<Task> call, CancellationToken cancellationToken) => RunAsync(
        account,
        what,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <param name="account">The account's name.</param>
    /// <param name="what">The queue or the blob.</param>
    /// <exception cref="PredictionStorageException">The account cannot be reached, or refused.</exception>
    public static async Task<T> RunAsync<T>(string account, string what, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (Answers.Contains(e.ErrorCode))
        {
            throw;
        }
        catch (Exception e) when (IsStorageTrouble(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new PredictionStorageException(
                $"The storage account \"{account}\" in {StorageAccount.DataSettings}, cannot be used ({what}): "
                + $"{StorageProblem.Describe(e)}. {StorageProblem.Advise(e)}".TrimEnd(),
                e);
        }
    }

    /// <summary>A cancellation that nobody asked for is the client's own time limit.</summary>
    private static bool IsStorageTrouble(Exception e) =>
        e is RequestFailedException or AggregateException or AuthenticationFailedException or IOException or OperationCanceledException;
}
