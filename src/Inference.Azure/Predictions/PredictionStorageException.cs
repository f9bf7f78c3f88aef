using Azure;

namespace Inference.Azure.Predictions;

/// <summary>
/// The exception for a failed operation of the storage account. The operation may succeed later. The message contains no secret.
/// </summary>
public sealed class PredictionStorageException(string message, Exception innerException) : Exception(message, innerException)
{
    /// <summary>
    /// Whether the account refused the request, for example because a role is missing. Otherwise the account is unreachable or overloaded.
    /// </summary>
    public bool IsRefusal => InnerException is RequestFailedException { Status: >= 400 and < 500 and not 408 and not 429 };

    /// <summary>Whether the identity has no permission for the request.</summary>
    public bool IsForbidden => InnerException is RequestFailedException { Status: 403 };
}
