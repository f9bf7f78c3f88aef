namespace Inference;

/// <summary>Why a prediction was not made. Closed: every transport maps each member, and a missing one fails its build.</summary>
public enum InferenceError
{
    /// <summary>The request itself is wrong: sending it again unchanged fails again.</summary>
    InvalidRequest,

    /// <summary>No model, or no version of it, has this name.</summary>
    ModelNotFound,

    /// <summary>The model is known but cannot be served now: its store is unreachable or its file does not load.</summary>
    ModelUnavailable,

    /// <summary>Too much is waiting already. Trying again later may succeed.</summary>
    Overloaded,

    /// <summary>The request's own deadline passed before the answer was there.</summary>
    DeadlineExceeded,

    /// <summary>The model's runtime refused or failed on these inputs.</summary>
    RuntimeFailure,
}

/// <summary>
/// A prediction that was not made, with a message for the person who asked for it. Cancellation by the caller is not an
/// error of this kind: it stays an <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class InferenceException(InferenceError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public InferenceError Error { get; } = error;

    /// <summary>
    /// The reason within <see cref="Error"/>, for programs; <see cref="ErrorReason.None"/> when there is nothing more to tell.
    /// </summary>
    public ErrorReason Reason { get; init; }

    /// <summary>When trying again makes sense, if that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether the files of the model are at fault, so that the same files fail again. False when the store or the server is, so that a
    /// retry may succeed.
    /// </summary>
    public bool IsCausedByFiles { get; init; }

    /// <summary>
    /// Whether the files are not what their digests or signatures say. A repair need not show in the sizes and times that a store compares,
    /// so this failure is not remembered for the files.
    /// </summary>
    public bool IsOfTrust { get; init; }

    internal static InferenceException Stopping() =>
        new(InferenceError.ModelUnavailable, "The server is stopping.") { Reason = ErrorReason.Stopping };

    public static InferenceException InvalidRequest(string message, ErrorReason reason = ErrorReason.None) =>
        new(InferenceError.InvalidRequest, message) { Reason = reason };
}
