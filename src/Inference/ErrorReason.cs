namespace Inference;

/// <summary>
/// Why exactly a prediction was not made, where a caller would act differently than for the other reasons of the same <see
/// cref="InferenceError"/>.
/// </summary>
public enum ErrorReason
{
    /// <summary>The <see cref="InferenceError"/> says all.</summary>
    None,

    /// <summary>The body is not JSON.</summary>
    InvalidJson,

    /// <summary>The model has no input or output of the name, or an input is missing or given twice.</summary>
    InvalidName,

    /// <summary>An input has another shape than the model takes.</summary>
    InvalidShape,

    /// <summary>An input has another element type than the model takes.</summary>
    InvalidType,

    /// <summary>The request has no text, or an empty one.</summary>
    EmptyText,

    /// <summary>The request has more texts than one request may have.</summary>
    TooManyTexts,

    /// <summary>The model's tokenizer has no tokens for a text.</summary>
    InvalidText,

    /// <summary>The model does not do what the call is for.</summary>
    WrongTask,

    /// <summary>The request can never fit into the memory for requests.</summary>
    RequestTooLarge,

    /// <summary>The model is there, the version is not.</summary>
    VersionNotFound,

    /// <summary>The store of the models cannot be used.</summary>
    StoreUnavailable,

    /// <summary>The server that has the model does not answer, or refuses.</summary>
    RemoteUnavailable,

    /// <summary>The server is stopping.</summary>
    Stopping,

    /// <summary>There is no memory for the request at the moment.</summary>
    OutOfMemory,
}
