using Inference;
using Inference.Azure.Predictions;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>The one map from what went wrong to what a queue does about it.</summary>
/// <param name="IsRetryable">Whether the same message may succeed later.</param>
internal sealed record QueueFailure(PredictionFailure Failure, bool IsRetryable)
{
    public const string InvalidMessage = "invalidMessage";

    /// <summary>A failed result is always a whole message.</summary>
    private const int MaxText = 4000;

    public static QueueFailure From(Exception exception)
    {
        var (code, isRetryable) = exception switch
        {
            InferenceException e => Describe(e.Error),
            PredictionStorageException => ("storageUnavailable", true),
            // A bug, or something nobody has thought of: the log has all of it, and what may pass is tried again.
            _ => ("internalError", true),
        };
        return new(Create(code, exception is InferenceException or PredictionStorageException
            ? exception.Message
            : "The server failed; its log says why."), isRetryable);
    }

    public static PredictionFailure Create(string code, string message) =>
        new(code, message.Length <= MaxText ? message : message[..MaxText] + "...");

    private static (string Code, bool IsRetryable) Describe(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => ("invalidRequest", false),
        InferenceError.ModelNotFound => ("modelNotFound", false),
        InferenceError.ModelUnavailable => ("modelUnavailable", true),
        InferenceError.Overloaded => ("overloaded", true),
        // A later attempt would have the same time, and the caller has stopped waiting.
        InferenceError.DeadlineExceeded => ("deadlineExceeded", false),
        InferenceError.RuntimeFailure => ("runtimeFailure", false),
    };
}
