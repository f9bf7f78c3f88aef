using Azure.Core;

namespace Inference.Azure.Settings;

/// <summary>
/// Limits the retries of clients to a few seconds. A caller waits for each operation, and can retry after an error. With the default
/// options, a client would retry for minutes.
/// </summary>
internal static class ClientRetry
{
    public static T LimitRetries<T>(T options)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(250);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        return options;
    }
}
