using Functions.Hosting;
using Inference;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Protocols.Predictions;
using StorageAccounts;

namespace Functions.Queue;

/// <summary>The one map from what went wrong to what a queue does about it.</summary>
/// <param name="IsRetryable">Whether the same message may succeed later.</param>
/// <param name="IsOutage">Whether the storage account did not answer; a refusal is no outage.</param>
internal sealed record QueueFailure(PredictionFailure Failure, bool IsRetryable, bool IsOutage)
{
    /// <summary>A failed result is always a whole message.</summary>
    private const int MaxText = 4000;

    public static QueueFailure From(Exception exception)
    {
        var (code, isRetryable) = exception switch
        {
            InferenceException e => (ErrorCodes.OfCaller(e), IsRetryableError(e.Error)),
            PredictionStorageException => (ServerErrorCodes.StorageUnavailable, true),
            StorageSettingsException => (ServerErrorCodes.StorageSettings, true),
            // A bug, or something nobody has thought of: the log has all of it, and what may pass is tried again.
            _ => (ErrorCodes.InternalError, true),
        };
        return new(Create(code, exception is InferenceException or PredictionStorageException or StorageSettingsException
            ? CallerText.Of(exception)
            : "The server failed; its log says why."), isRetryable, exception is PredictionStorageException { IsRefusal: false });
    }

    public static PredictionFailure Create(string code, string message) =>
        new(code, message.Length <= MaxText ? message : message[..MaxText] + "...");

    private static bool IsRetryableError(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => false,
        InferenceError.ModelNotFound => false,
        InferenceError.ModelUnavailable => true,
        InferenceError.Overloaded => true,
        // A later attempt would have the same time, and the caller has stopped waiting.
        InferenceError.DeadlineExceeded => false,
        InferenceError.RuntimeFailure => false,
    };
}
