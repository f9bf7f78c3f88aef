using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The number of the current attempt of an invocation, and the limit of its retry policy.</summary>
/// <param name="retryCount">The number of retries so far: 0 in the first attempt.</param>
/// <param name="maxRetryCount">The maximum number of retries; 0 without a retry policy.</param>
internal sealed class InvocationRetry(int retryCount, int maxRetryCount) : RetryContext
{
    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}
