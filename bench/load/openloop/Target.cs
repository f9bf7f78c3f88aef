using System.Diagnostics;
using System.Net;

/// <summary>The server under load. Sends the same request each time.</summary>
internal sealed class Target : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client;
    private readonly Uri _url;
    private readonly byte[] _body;

    public Target(Uri url, byte[] body, int connections)
    {
        (_url, _body, Connections) = (url, body, connections);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = Limit };
    }

    public int Connections { get; }

    public async Task<Sample> SendAsync()
    {
        var began = Stopwatch.GetTimestamp();
        using var content = new ByteArrayContent(_body);
        content.Headers.ContentType = new("application/json");
        try
        {
            using var response = await _client.PostAsync(_url, content);
            return new(Outcome(response), Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new(SampleOutcome.Failed, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Classifies a response. A 429 without a Retry-After header is a failure.</summary>
    private static SampleOutcome Outcome(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.OK => SampleOutcome.Accepted,
        HttpStatusCode.TooManyRequests when response.Headers.RetryAfter is not null => SampleOutcome.Refused,
        _ => SampleOutcome.Failed,
    };
}
