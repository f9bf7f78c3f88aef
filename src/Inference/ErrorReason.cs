namespace Inference;

/// <summary>
/// The specific reason of a failed prediction. A reason has its own member only if callers react to it differently than to other failures
/// with the same <see cref="InferenceError"/>.
/// </summary>
public enum ErrorReason
{
    /// <summary>No reason is known beyond the <see cref="InferenceError"/>.</summary>
    None,

    /// <summary>The body is not JSON.</summary>
    InvalidJson,

    /// <summary>The request names an unknown input or output, omits an input, or names an input or output twice.</summary>
    InvalidName,

    /// <summary>The shape of an input does not match the model's signature.</summary>
    InvalidShape,

    /// <summary>The element type of an input does not match the model's signature.</summary>
    InvalidType,

    /// <summary>The request contains no text, or an empty text.</summary>
    EmptyText,

    /// <summary>The request contains more texts than a request may contain.</summary>
    TooManyTexts,

    /// <summary>A text is not valid UTF-8, or the model's tokenizer cannot convert it to tokens.</summary>
    InvalidText,

    /// <summary>The model does not support this kind of request: the model accepts no text, or has another task.</summary>
    WrongTask,

    /// <summary>The request can never fit into the memory for requests.</summary>
    RequestTooLarge,

    /// <summary>The model exists, but the requested version does not.</summary>
    VersionNotFound,

    /// <summary>The model store cannot be used.</summary>
    StoreUnavailable,

    /// <summary>The remote server that runs the model does not respond, or refuses the request.</summary>
    RemoteUnavailable,

    /// <summary>The server is stopping.</summary>
    Stopping,

    /// <summary>No memory is free for the request at the moment.</summary>
    OutOfMemory,
}
