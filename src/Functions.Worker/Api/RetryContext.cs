namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which attempt an invocation is, for a function with a retry policy.</summary>
public sealed class RetryContext(int retryCount, int maxRetryCount)
{
    /// <summary>0 at the first attempt.</summary>
    public int RetryCount { get; } = retryCount;

    public int MaxRetryCount { get; } = maxRetryCount;
}
