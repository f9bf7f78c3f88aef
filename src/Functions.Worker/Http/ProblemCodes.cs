namespace Functions.Worker.Http;

/// <summary>
/// The kinds of errors that the worker itself returns. Clients compare the codes, so a code never changes. docs/troubleshooting.md
/// describes each code.
/// </summary>
internal static class ProblemCodes
{
    public const string RouteNotFound = "routeNotFound";

    public const string MethodNotAllowed = "methodNotAllowed";

    public const string Unauthorized = "unauthorized";

    /// <summary>A page of another origin sent the request.</summary>
    public const string ForeignPage = "foreignPage";

    /// <summary>The Host header names no host of this server.</summary>
    public const string ForeignHost = "foreignHost";

    /// <summary>The request violates HTTP: its framing, its headers, or its length.</summary>
    public const string InvalidHttp = "invalidHttp";

    public const string BodyTooLarge = "bodyTooLarge";

    /// <summary>The worker serves a Functions host, and the request does not belong to an invocation of that host.</summary>
    public const string NotFromHost = "notFromHost";

    public const string Cancelled = "cancelled";

    public const string UnsupportedEncoding = "unsupportedEncoding";

    public const string OutOfMemory = "outOfMemory";

    public const string InternalError = "internalError";
}
