using Azure;

namespace Inference.Azure.Predictions;

/// <summary>A failed operation of the storage account, which may succeed later. The message contains no secret.</summary>
public sealed class PredictionStorageException(string message, Exception innerException) : Exception(message, innerException)
{
    /// <summary>
    /// Whether the account responded and refused, as for a missing role. Otherwise the account is unreachable or overloaded.
    /// </summary>
    public bool IsRefusal => InnerException is RequestFailedException { Status: >= 400 and < 500 and not 408 and not 429 };
}
