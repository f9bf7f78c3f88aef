using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>Runs all calls of storage clients, and converts every failure of the account to one kind of error.</summary>
internal static class StorageCall
{
    /// <summary>The error codes that are no failures, because the caller handles them.</summary>
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

    /// <param name="account">The name of the account.</param>
    /// <param name="what">The name of the queue or the blob.</param>
    /// <exception cref="PredictionStorageException">The account is unreachable, or refused the call.</exception>
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

    /// <summary>Whether the account caused an exception. A cancellation without a request for it is the client's own timeout.</summary>
    private static bool IsStorageTrouble(Exception e) =>
        e is RequestFailedException or AggregateException or AuthenticationFailedException or IOException or OperationCanceledException;
}
