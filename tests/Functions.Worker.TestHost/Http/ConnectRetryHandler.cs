namespace Functions.Worker.TestHost.Http;

/// <summary>The host gives a worker time to listen: it tries to connect ten times more, 50 to 250 ms apart.</summary>
internal sealed class ConnectRetryHandler(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private const int Retries = 10;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastDelay = TimeSpan.FromMilliseconds(250);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var retry = 1; ; retry++)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError && retry <= Retries)
            {
                var delay = FirstDelay * retry;
                await Task.Delay(delay < LastDelay ? delay : LastDelay, time, cancellationToken);
            }
        }
    }
}
