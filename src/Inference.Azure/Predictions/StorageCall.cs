using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>
/// Runs the storage calls of the predictions, and converts every failure of the account to <see cref="PredictionStorageException"/>.
/// </summary>
internal static class StorageCall
{
    /// <summary>Error codes that are not converted, because the callers handle them.</summary>
    private static readonly HashSet<string?> HandledCodes =
    [
        BlobErrorCode.BlobNotFound.ToString(), BlobErrorCode.ContainerNotFound.ToString(),
        BlobErrorCode.BlobAlreadyExists.ToString(), BlobErrorCode.ConditionNotMet.ToString(),
        QueueErrorCode.QueueNotFound.ToString(), QueueErrorCode.MessageNotFound.ToString(), QueueErrorCode.PopReceiptMismatch.ToString(),
    ];

    public static Task RunAsync(string account, string subject, Func<Task> call, CancellationToken cancellationToken) => RunAsync(
        account,
        subject,
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Runs a call. Exceptions that the callers handle are thrown unchanged.</summary>
    /// <param name="account">The name of the account.</param>
    /// <param name="subject">The queue, blob or operation, for the message.</param>
    /// <exception cref="PredictionStorageException">The account is unreachable, or refused the call.</exception>
    public static async Task<T> RunAsync<T>(string account, string subject, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (HandledCodes.Contains(e.ErrorCode))
        {
            throw;
        }
        catch (Exception e) when (IsStorageFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new PredictionStorageException(
                $"The storage account \"{account}\" in {StorageAccount.DataSettings}, cannot be used ({subject}): "
                + $"{StorageProblem.Describe(e)}. {StorageProblem.Advise(e)}".TrimEnd(),
                e);
        }
    }

    /// <summary>Whether the account caused an exception. The client reports its own timeout as an OperationCanceledException.</summary>
    private static bool IsStorageFailure(Exception e) =>
        e is RequestFailedException or AggregateException or AuthenticationFailedException or IOException or OperationCanceledException;
}
