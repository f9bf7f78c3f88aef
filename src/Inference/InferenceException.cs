namespace Inference;

/// <summary>
/// The kinds of prediction failures. The enum is closed: each transport maps every member, and does not build if a member is missing.
/// </summary>
public enum InferenceError
{
    /// <summary>The request itself is wrong. The same request would fail again.</summary>
    InvalidRequest,

    /// <summary>No model has the requested name, or the model does not have the requested version.</summary>
    ModelNotFound,

    /// <summary>The model is known but cannot be served now, for example because its store is unreachable.</summary>
    ModelUnavailable,

    /// <summary>Too many requests wait, or their memory is used up. A later retry may succeed.</summary>
    Overloaded,

    /// <summary>The request's deadline passed before its result was ready.</summary>
    DeadlineExceeded,

    /// <summary>The model's runtime refused the inputs or failed on them.</summary>
    RuntimeFailure,
}

/// <summary>
/// A failed prediction. The message is written for the caller. A cancellation by the caller is reported as an
/// <see cref="OperationCanceledException"/> instead.
/// </summary>
public sealed class InferenceException(InferenceError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The kind of the failure.</summary>
    public InferenceError Error { get; } = error;

    /// <summary>
    /// The specific reason of the failure, to which a caller's program can react; <see cref="ErrorReason.None"/> when only
    /// <see cref="Error"/> is known.
    /// </summary>
    public ErrorReason Reason { get; init; }

    /// <summary>How long the caller should wait before a retry; null when that is unknown.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What has to be corrected: the files, the settings or the store. Null when that is unknown.</summary>
    public FailureCause? Cause { get; init; }

    /// <summary>
    /// Whether every retry fails until the files change, because a load of the same files would fail again. False when a retry may succeed,
    /// for example after a failure of the store or of a server. What to correct is in <see cref="Cause"/>.
    /// </summary>
    public bool LastsUntilFilesChange { get; init; }

    /// <summary>
    /// Whether the files do not match their digests or signatures. A store detects a change of files by their sizes and times. A repair of
    /// the files can leave both unchanged, so the files are tried again even if the store reports no change.
    /// </summary>
    public bool IsTrustFailure { get; init; }

    /// <summary>Creates the error for a request to a server that is stopping.</summary>
    internal static InferenceException CreateStoppingError() =>
        new(InferenceError.ModelUnavailable, "The server is stopping.") { Reason = ErrorReason.Stopping };

    /// <summary>Creates a copy of a failure for another caller of the failed work. The failure becomes the inner exception.</summary>
    /// <param name="retryAfter">How long the caller should wait; null to copy the failure's <see cref="RetryAfter"/>.</param>
    internal static InferenceException Repeat(InferenceException failure, TimeSpan? retryAfter = null) =>
        new(failure.Error, failure.Message, failure)
        {
            Reason = failure.Reason,
            RetryAfter = retryAfter ?? failure.RetryAfter,
            Cause = failure.Cause,
            LastsUntilFilesChange = failure.LastsUntilFilesChange,
            IsTrustFailure = failure.IsTrustFailure,
        };

    /// <summary>Creates the error for a request that fails until the caller corrects it.</summary>
    public static InferenceException InvalidRequest(string message, ErrorReason reason = ErrorReason.None) =>
        new(InferenceError.InvalidRequest, message) { Reason = reason };
}
