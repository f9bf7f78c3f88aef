namespace Inference.Diagnostics;

/// <summary>The names of what may become of a prediction, alike in metrics, traces and result messages. A closed set.</summary>
public static class ErrorCodes
{
    public const string Ok = "ok";

    public const string Cancelled = "cancelled";

    public const string InternalError = "internalError";

    public static string Of(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => "invalidRequest",
        InferenceError.ModelNotFound => "modelNotFound",
        InferenceError.ModelUnavailable => "modelUnavailable",
        InferenceError.Overloaded => "overloaded",
        InferenceError.DeadlineExceeded => "deadlineExceeded",
        InferenceError.RuntimeFailure => "runtimeFailure",
    };

    internal static string Of(Exception exception) => exception switch
    {
        InferenceException e => Of(e.Error),
        OperationCanceledException => Cancelled,
        _ => InternalError,
    };
}
