namespace Inference.Remote.Calls;

/// <summary>
/// The reasons why another server failed a call. A new member needs an entry in both switches of <see cref="PeerFaults"/>.
/// </summary>
internal enum PeerFault
{
    /// <summary>There was no connection, so the call did not leave this process.</summary>
    Unreachable,

    /// <summary>The server reported, before it executed anything, that it is unavailable now.</summary>
    Unavailable,

    /// <summary>The server has more load than it accepts.</summary>
    Overloaded,

    /// <summary>The server refuses this call because of the request's values.</summary>
    Refused,

    /// <summary>The server refuses calls with this key, or without a key.</summary>
    Forbidden,

    /// <summary>The server does not have the model.</summary>
    Missing,

    /// <summary>The call took longer than <c>remote.timeout</c>, or the server reported a timeout.</summary>
    TimedOut,

    /// <summary>The call timed out at the caller's deadline, which was shorter than <c>remote.timeout</c>.</summary>
    CallerTimedOut,

    /// <summary>The server failed, the connection broke, or the response is invalid.</summary>
    Broken,
}

/// <summary>Maps faults to errors, and HTTP statuses to faults.</summary>
internal static class PeerFaults
{
    public static InferenceError ToError(this PeerFault fault) => fault switch
    {
        PeerFault.Unreachable or PeerFault.Unavailable or PeerFault.Forbidden or PeerFault.Missing or PeerFault.Broken =>
            InferenceError.ModelUnavailable,
        PeerFault.Overloaded => InferenceError.Overloaded,
        PeerFault.Refused => InferenceError.RuntimeFailure,
        PeerFault.TimedOut or PeerFault.CallerTimedOut => InferenceError.DeadlineExceeded,
    };

    /// <summary>Whether the fault shows an unhealthy server rather than a problem of this one call.</summary>
    public static bool IsServerFault(this PeerFault fault) => fault switch
    {
        PeerFault.Unreachable or PeerFault.TimedOut or PeerFault.Broken => true,
        PeerFault.Unavailable or PeerFault.Overloaded or PeerFault.Refused or PeerFault.Forbidden or PeerFault.Missing
            or PeerFault.CallerTimedOut => false,
    };

    /// <summary>Returns the fault for the status of an unsuccessful HTTP response.</summary>
    public static PeerFault FromStatus(int status) => status switch
    {
        401 or 403 or 407 => PeerFault.Forbidden,
        404 or 405 or 410 or 501 => PeerFault.Missing,
        408 or 504 => PeerFault.TimedOut,
        429 => PeerFault.Overloaded,
        503 => PeerFault.Unavailable,
        >= 400 and < 500 => PeerFault.Refused,
        _ => PeerFault.Broken,
    };
}
