namespace Inference.Diagnostics;

/// <summary>
/// The codes of the outcomes of predictions. Metrics, traces, responses and result messages use the same codes. Clients compare the codes,
/// so they never change. docs/troubleshooting.md describes each code.
/// </summary>
public static class ErrorCodes
{
    /// <summary>The code of a prediction that succeeded.</summary>
    public const string Ok = "ok";

    /// <summary>The code of a prediction that was cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The code of an unexpected failure.</summary>
    public const string InternalError = "internalError";

    /// <summary>Returns the code of an error, without regard to its <see cref="ErrorReason"/>.</summary>
    public static string For(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => "invalidRequest",
        InferenceError.ModelNotFound => "modelNotFound",
        InferenceError.ModelUnavailable => "modelUnavailable",
        InferenceError.Overloaded => "overloaded",
        InferenceError.DeadlineExceeded => "deadlineExceeded",
        InferenceError.RuntimeFailure => "runtimeFailure",
    };

    /// <summary>
    /// Returns the code for the caller: the code of the exception's reason, or the code of its error when it has no reason. Metrics and
    /// traces always use the code of the error.
    /// </summary>
    public static string ForCaller(InferenceException exception) => exception.Reason switch
    {
        ErrorReason.None => exception.IsTrustFailure ? "modelNotTrusted" : For(exception.Error),
        ErrorReason.InvalidJson => "invalidJson",
        ErrorReason.InvalidName => "invalidName",
        ErrorReason.InvalidShape => "invalidShape",
        ErrorReason.InvalidType => "invalidType",
        ErrorReason.EmptyText => "emptyText",
        ErrorReason.TooManyTexts => "tooManyTexts",
        ErrorReason.InvalidText => "invalidText",
        ErrorReason.WrongTask => "wrongTask",
        ErrorReason.RequestTooLarge => "requestTooLarge",
        ErrorReason.VersionNotFound => "versionNotFound",
        ErrorReason.StoreUnavailable => "storeUnavailable",
        ErrorReason.RemoteUnavailable => "remoteUnavailable",
        ErrorReason.Stopping => "serverStopping",
        ErrorReason.OutOfMemory => "outOfMemory",
    };

    /// <summary>Returns the code of a failure for metrics and traces.</summary>
    internal static string For(Exception exception) => exception switch
    {
        InferenceException e => For(e.Error),
        OperationCanceledException => Cancelled,
        _ => InternalError,
    };
}
