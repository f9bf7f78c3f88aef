namespace Functions.Http;

/// <summary>The kinds of errors that HTTP has besides those of a prediction. Clients compare them, so they never change; docs/errors.md describes each.</summary>
internal static class HttpErrorCodes
{
    /// <summary>The header that names the kind of error, whatever form the body has.</summary>
    public const string Header = "Inference-Error-Code";

    public const string MethodNotAllowed = "methodNotAllowed";

    public const string RouteNotFound = "routeNotFound";

    public const string BodyTooLarge = "bodyTooLarge";

    public const string UnsupportedMediaType = "unsupportedMediaType";

    public const string UnsupportedEncoding = "unsupportedEncoding";

    public const string JobNotFound = "jobNotFound";

    public const string StorageNotSet = "storageNotSet";

    public const string StorageSettings = "storageSettings";
}
