using Azure;

namespace Inference.Azure.Predictions;

/// <summary>The storage account did not do what was asked of it; later it may. The message contains no secret.</summary>
public sealed class PredictionStorageException(string message, Exception innerException) : Exception(message, innerException)
{
    /// <summary>Whether the account answered and refused, as for a missing role. Otherwise it cannot be reached or is overloaded.</summary>
    public bool IsRefusal => InnerException is RequestFailedException { Status: >= 400 and < 500 and not 408 and not 429 };
}
