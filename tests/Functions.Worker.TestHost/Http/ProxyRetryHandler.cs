namespace Functions.Worker.TestHost.Http;

/// <summary>
/// The host's retries of a forwarded request. It sends a request up to ten times, 50 to 250 ms apart, whatever kind of HTTP error it meets:
/// a worker that does not listen yet, and also one that cuts the connection before it responds.
/// </summary>
internal sealed class ProxyRetryHandler(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private const int Attempts = 10;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastDelay = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                await Task.Delay(delay, time, cancellationToken);
                delay = 2 * delay < LastDelay ? 2 * delay : LastDelay;
            }
        }
    }
}
