using Functions.Hosting;
using Inference;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Protocols.Predictions;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>The failure of an attempt to process a queue message. The failure decides whether the queue retries the message.</summary>
/// <param name="IsRetryable">Whether the same message may succeed later.</param>
/// <param name="IsOutage">
/// Whether the storage account is unreachable or overloaded. An account that refuses a request, for example because a role is missing, has
/// no outage.
/// </param>
internal sealed record QueueFailure(PredictionFailure Failure, bool IsRetryable, bool IsOutage)
{
    /// <summary>The maximum number of characters of a failure's text, so that a failed result always fits into one queue message.</summary>
    private const int MaxText = 4000;

    /// <summary>
    /// Describes an exception. For an unexpected exception, the description is general, and only the log contains the exception's text.
    /// </summary>
    public static QueueFailure From(Exception exception)
    {
        var (code, isRetryable) = exception switch
        {
            InferenceException e => (ErrorCodes.ForCaller(e), IsRetryableError(e.Error)),
            PredictionStorageException => (ServerErrorCodes.StorageUnavailable, true),
            StorageSettingsException => (ServerErrorCodes.StorageSettings, true),
            // A bug or an unexpected failure. The log contains the details, and the queue retries the message.
            _ => (ErrorCodes.InternalError, true),
        };
        return new(CreatePredictionFailure(code, exception is InferenceException or PredictionStorageException or StorageSettingsException
            ? CallerText.Redact(exception)
            : "The server failed. The server's log has the reason."),
            isRetryable, exception is PredictionStorageException { IsRefusal: false });
    }

    /// <summary>Creates the failure for the caller. Cuts off <paramref name="message"/> after <see cref="MaxText"/> characters.</summary>
    public static PredictionFailure CreatePredictionFailure(string code, string message) =>
        new(code, message.Length <= MaxText ? message : $"{Quote.Start(message, MaxText)}...");

    private static bool IsRetryableError(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => false,
        InferenceError.ModelNotFound => false,
        InferenceError.ModelUnavailable => true,
        InferenceError.Overloaded => true,
        // A later attempt would have the same time limit, and its result would be too late for the caller.
        InferenceError.DeadlineExceeded => false,
        InferenceError.RuntimeFailure => false,
    };
}
