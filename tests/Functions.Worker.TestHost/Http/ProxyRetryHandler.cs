namespace Functions.Worker.TestHost.Http;

/// <summary>
/// The host's retries of a forwarded request. The host sends a request up to ten times, 50 to 250 ms apart. It retries when the worker does
/// not listen, or closes the connection before it responds. A body can be sent only once, so after a closed connection only a request
/// without a body is retried.
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
            catch (HttpRequestException e) when (attempt < Attempts
                && (request.Content is null || e.HttpRequestError == HttpRequestError.ConnectionError))
            {
                await Task.Delay(delay, time, cancellationToken);
                delay = 2 * delay < LastDelay ? 2 * delay : LastDelay;
            }
        }
    }
}
