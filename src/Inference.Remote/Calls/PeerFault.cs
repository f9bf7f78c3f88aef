namespace Inference.Remote.Calls;

/// <summary>Why another server did not answer a call as it should. Closed: the maps below have every one.</summary>
internal enum PeerFault
{
    /// <summary>No connection: the call did not leave this process.</summary>
    Unreachable,

    /// <summary>It said, before it did anything, that it cannot now.</summary>
    Busy,

    /// <summary>It has more to do than it takes on.</summary>
    Overloaded,

    /// <summary>It does not take this call: the values are at fault.</summary>
    Refused,

    /// <summary>It does not take calls with this key, or without one.</summary>
    Forbidden,

    /// <summary>It does not have the model.</summary>
    Missing,

    /// <summary>The time that the server has for a call was over.</summary>
    TimedOut,

    /// <summary>The caller's own time was over, and it was less.</summary>
    TooLate,

    /// <summary>It failed, the connection broke, or what it answered is no answer.</summary>
    Broken,
}

internal static class PeerFaults
{
    public static InferenceError ToError(this PeerFault fault) => fault switch
    {
        PeerFault.Unreachable or PeerFault.Busy or PeerFault.Forbidden or PeerFault.Missing or PeerFault.Broken =>
            InferenceError.ModelUnavailable,
        PeerFault.Overloaded => InferenceError.Overloaded,
        PeerFault.Refused => InferenceError.RuntimeFailure,
        PeerFault.TimedOut or PeerFault.TooLate => InferenceError.DeadlineExceeded,
    };

    /// <summary>Whether it tells that the server is not well, as against this one call.</summary>
    public static bool IsServers(this PeerFault fault) => fault switch
    {
        PeerFault.Unreachable or PeerFault.TimedOut or PeerFault.Broken => true,
        PeerFault.Busy or PeerFault.Overloaded or PeerFault.Refused or PeerFault.Forbidden or PeerFault.Missing or PeerFault.TooLate =>
            false,
    };

    /// <summary>By the status of an HTTP answer that is no success.</summary>
    public static PeerFault OfStatus(int status) => status switch
    {
        401 or 403 or 407 => PeerFault.Forbidden,
        404 or 405 or 410 or 501 => PeerFault.Missing,
        408 or 504 => PeerFault.TimedOut,
        429 => PeerFault.Overloaded,
        503 => PeerFault.Busy,
        >= 400 and < 500 => PeerFault.Refused,
        _ => PeerFault.Broken,
    };
}
