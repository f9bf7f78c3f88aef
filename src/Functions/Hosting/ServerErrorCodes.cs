namespace Functions.Hosting;

/// <summary>
/// The codes of errors that do not come from a prediction. Clients compare codes, so codes never change. docs/troubleshooting.md describes
/// each code.
/// </summary>
internal static class ServerErrorCodes
{
    /// <summary>The header that names the kind of error, whatever format the body has.</summary>
    public const string HeaderName = "Inference-Error-Code";

    /// <summary>The same name in gRPC's trailing metadata, whose keys are in lower case.</summary>
    public const string TrailerName = "inference-error-code";

    public const string MethodNotAllowed = "methodNotAllowed";

    public const string RouteNotFound = "routeNotFound";

    public const string BodyTooLarge = "bodyTooLarge";

    public const string BodyTooSlow = "bodyTooSlow";

    public const string UnsupportedMediaType = "unsupportedMediaType";

    public const string UnsupportedEncoding = "unsupportedEncoding";

    public const string JobNotFound = "jobNotFound";

    public const string JobConflict = "jobConflict";

    public const string StorageNotSet = "storageNotSet";

    public const string StorageSettings = "storageSettings";

    public const string StorageUnavailable = "storageUnavailable";

    /// <summary>The code for a queue message that is not a prediction request.</summary>
    public const string InvalidMessage = "invalidMessage";

    /// <summary>The code for a queue message whose last attempt was interrupted: the process ended, or the storage failed.</summary>
    public const string Interrupted = "interrupted";

    public const string NotReady = "notReady";
}
