using Azure.Core;

namespace Inference.Azure.Settings;

/// <summary>
/// Somebody waits for what the store is asked, so clients give up within seconds where their own defaults would try for minutes: the
/// caller is told when to come back.
/// </summary>
internal static class ClientRetry
{
    public static T WithFewRetries<T>(T options)
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
