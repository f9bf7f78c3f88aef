using Azure;
using Azure.Identity;
using StorageAccounts;

namespace Inference.Azure.Models;

/// <summary>Describes a failure of the store to callers, without keys and SAS tokens.</summary>
internal static class StoreFailure
{
    /// <summary>
    /// The delay before a retry. The delay is long enough not to overload a failing store, and short enough that callers hardly wait after
    /// the store has recovered.
    /// </summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <param name="store">The container with its account, or a blob in the container, as the message names it.</param>
    public static InferenceException FromException(Exception cause, string store) => cause switch
    {
        RequestFailedException { ErrorCode: "ContainerNotFound" } => CreateUnavailableError(
            $"The model container {store} does not exist ({StorageProblem.Describe(cause)}). Create it, or change Models__Source.", cause),
        RequestFailedException e when IsOffline(e) => CreateUnavailableError(
            $"{store} cannot be read ({StorageProblem.Describe(cause)}). {StorageProblem.Advise(cause)}", cause),
        RequestFailedException { Status: 401 or 403 } or AuthenticationFailedException => CreateUnavailableError(
            $"The model store {store} refused access ({StorageProblem.Describe(cause)}). {StorageProblem.Advise(cause)}", cause),
        RequestFailedException { Status: > 0 } => CreateUnavailableError(
            $"The model store {store} cannot be used: {StorageProblem.Describe(cause)}. {StorageProblem.Advise(cause)}".TrimEnd(), cause),
        _ => CreateUnavailableError(
            $"The model store {store} cannot be reached: {StorageProblem.Describe(cause)}. {StorageProblem.Advise(cause)}".TrimEnd(), cause),
    };

    /// <summary>Whether the blob is in the archive tier. Such a blob is listed but cannot be read.</summary>
    public static bool IsOffline(RequestFailedException cause) => cause.ErrorCode is "BlobArchived" or "BlobBeingRehydrated";

    /// <summary>Creates the error for files that changed or were deleted after they were listed. The caller may retry at once.</summary>
    /// <param name="subject">The model or blob, as the subject of the message.</param>
    public static InferenceException CreateChangedError(string subject, Exception? cause = null) => new(
        InferenceError.ModelUnavailable,
        $"{subject} changed or was deleted after the store was listed. Retry the request to use the new content.",
        cause)
    {
        RetryAfter = TimeSpan.Zero,
    };

    /// <summary>Creates the error for a store that cannot be used. The caller may retry after a pause.</summary>
    public static InferenceException CreateUnavailableError(string message, Exception? cause = null) =>
        new(InferenceError.ModelUnavailable, message, cause)
        {
            RetryAfter = RetryDelay,
            Reason = ErrorReason.StoreUnavailable,
            Cause = FailureCause.Store,
        };
}
