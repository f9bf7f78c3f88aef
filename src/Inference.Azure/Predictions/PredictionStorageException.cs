namespace Inference.Azure.Predictions;

/// <summary>The storage account did not do what was asked of it; later it may. The message contains no secret.</summary>
public sealed class PredictionStorageException(string message, Exception innerException) : Exception(message, innerException);
