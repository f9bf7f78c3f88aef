using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The attempt of an invocation whose function has a retry policy.</summary>
/// <param name="retryCount">0 at the first attempt.</param>
internal sealed class InvocationRetry(int retryCount, int maxRetryCount) : RetryContext
{
    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}
