using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Inference.Models.Settings.Remote;
using Inference.Protocols;

namespace Inference.Remote.Calls;

/// <summary>The HTTP connections to the server of one model, and the checks of its responses.</summary>
internal sealed class HttpPeer : IDisposable
{
    /// <summary>The size of the initial buffer in bytes, if the server does not announce the length of the response.</summary>
    private const int InitialCapacity = 4096;

    /// <summary>
    /// The maximum size of the initial buffer in bytes, even if the server announces a longer response. The buffer grows as data arrive.
    /// </summary>
    private const int MaxInitialCapacity = 1 << 22;

    /// <summary>The time after which a server that accepts no connection counts as unreachable.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The maximum lifetime of a connection. A change of the server's address in DNS takes effect within this time.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly int _maxResponseBytes;
    private readonly string _root;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <param name="key">The secret that <see cref="RemoteSettings.KeySetting"/> names.</param>
    public HttpPeer(RemoteSettings settings, string? key, TimeProvider time)
    {
        _time = time;
        _maxResponseBytes = settings.MaxResponseBytes;
        _root = settings.Url.AbsoluteUri.TrimEnd('/');
        _client = new HttpClient(CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        foreach (var (name, value) in GetHeaders(settings, key))
            _client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
    }

    /// <summary>Creates a handler that follows no redirects, because a redirect could send the key to another server.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        EnableMultipleHttp2Connections = true,
    };

    /// <summary>Returns the headers of every call, including the key.</summary>
    public static IEnumerable<KeyValuePair<string, string>> GetHeaders(RemoteSettings settings, string? key)
    {
        foreach (var header in settings.Headers)
            yield return header;
        if (key is not null)
            yield return settings.KeyHeader is { } name ? new(name, key) : new("Authorization", $"Bearer {key}");
    }

    /// <param name="path">The path after the address in the settings; empty, or beginning with a slash.</param>
    public Task<HttpPeerResponse> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, content: null, cancellationToken);

    /// <returns>The body of a successful response.</returns>
    /// <exception cref="PeerException">
    /// The connection failed, the server returned an error status, or the response is too large.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the request was aborted.</exception>
    public async Task<HttpPeerResponse> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _root + path) { Content = content };
        try
        {
            using var response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw await ReadFaultAsync(response, cancellationToken).ConfigureAwait(false);
            if (response.Content.Headers.ContentLength > _maxResponseBytes)
                throw CreateTooLargeError();
            var body = await ReadAsync(response.Content, _maxResponseBytes, cancellationToken).ConfigureAwait(false);
            if (body.Length <= _maxResponseBytes)
                return new HttpPeerResponse(body, response.Headers);
            body.Dispose();
            throw CreateTooLargeError();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && ToPeerException(e) is { } failure)
        {
            throw failure;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && ToPeerException(e) is not null)
        {
            // The cancellation has closed the connection.
            throw new OperationCanceledException("The call was cancelled.", e, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Converts the exception of a transport to a fault of the server; null for other exceptions.</summary>
    public static PeerException? ToPeerException(Exception exception) => exception switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.ProxyTunnelError
        } e =>
            new PeerException(PeerFault.Unreachable, $"cannot be reached ({PeerText.ToOneLine(e.Message)}).", e),
        HttpRequestException { InnerException: AuthenticationException inner } e =>
            new PeerException(PeerFault.Unreachable, $"cannot be reached over TLS ({PeerText.ToOneLine(inner.Message)}).", e),
        // The ConnectTimeout of the handler has expired.
        OperationCanceledException { InnerException: TimeoutException } e =>
            new PeerException(PeerFault.Unreachable, "does not accept connections.", e),
        // When gRPC cannot connect, the exception is a SocketException itself, without an outer exception.
        SocketException =>
            new PeerException(PeerFault.Unreachable, $"cannot be reached ({PeerText.ToOneLine(exception.Message)}).", exception),
        HttpRequestException or IOException =>
            new PeerException(PeerFault.Broken, $"broke the connection ({PeerText.ToOneLine(exception.Message)}).", exception),
        _ => null,
    };

    private PeerException CreateTooLargeError() =>
        PeerException.CreateMalformedError($"more than the {Counted.Text(_maxResponseBytes, "byte")} that remote.maxResponseBytes allows.");

    private async Task<PeerException> ReadFaultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = await ReadAsync(response.Content, PeerText.MaxBytes, cancellationToken).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        var fault = PeerFaults.FromStatus(status);
        var hint = fault == PeerFault.Forbidden ? " Check remote.keySetting and remote.keyHeader." : "";
        return new PeerException(
            fault, $"responded with {status}: {PeerText.ReadError(body.Written.Span[..Math.Min(body.Length, PeerText.MaxBytes)])}{hint}")
        {
            RetryAfter = GetRetryDelay(response.Headers),
        };
    }

    /// <summary>Returns the time until the server accepts a retry, which may be zero; null when the server names no time.</summary>
    private TimeSpan? GetRetryDelay(HttpResponseHeaders headers)
    {
        if (headers.RetryAfter?.Date is not { } date)
            return headers.RetryAfter?.Delta;
        // The date is compared with the server's own clock, because the clocks of two machines may differ.
        var delay = date - (headers.Date ?? _time.GetUtcNow());
        return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
    }

    /// <summary>Reads the content until its end, or until the buffer has more bytes than the limit.</summary>
    private static async Task<PooledBuffer> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var length = content.Headers.ContentLength ?? InitialCapacity;
        var buffer = new PooledBuffer((int)Math.Min(length, MaxInitialCapacity) + 1);
        try
        {
            using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (buffer.Length <= limit)
            {
                var read = await stream.ReadAsync(buffer.GetMemory(), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                buffer.Advance(read);
            }

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
