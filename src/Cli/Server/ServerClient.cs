using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;

namespace Cli.Server;

/// <summary>Sends requests to one server, and turns its errors into messages that say what is wrong.</summary>
internal sealed class ServerClient : IDisposable
{
    private const string AdminKeySetting = "Keys__Admin";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly string _option;

    /// <param name="key">The function or admin key; null to send no key.</param>
    /// <param name="option">The option that names the endpoint, for advice.</param>
    public ServerClient(Uri endpoint, string? key, string option)
    {
        (Endpoint, _option) = (endpoint, option);
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectLimit, AllowAutoRedirect = false, UseCookies = false };
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/"),
            // A prediction has no time limit. The user can press Ctrl+C.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
            _client.DefaultRequestHeaders.TryAddWithoutValidation("x-functions-key", key);
    }

    /// <summary>The root address of the server.</summary>
    public Uri Endpoint { get; }

    private string EndpointSources =>
        _option == GlobalOptions.Endpoint.Name ? $"{_option} or {GlobalOptions.EndpointVariable}" : _option;

    public static ByteArrayContent JsonContent(ReadOnlySpan<byte> json) => Content(json.ToArray(), "application/json");

    public static ByteArrayContent JsonContent(string json) => Content(Encoding.UTF8.GetBytes(json), "application/json");

    public static ByteArrayContent Content(byte[] body, string mediaType) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    /// <summary>Returns the route of a model, or of one of its versions.</summary>
    /// <param name="root">The route of all models: <c>models</c> or <c>v2/models</c>.</param>
    public static string ModelRoute(string root, string model, string? version) => version is null
        ? $"{root}/{Uri.EscapeDataString(model)}"
        : $"{root}/{Uri.EscapeDataString(model)}/versions/{Uri.EscapeDataString(version)}";

    /// <inheritdoc cref="SendAsync"/>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    /// <inheritdoc cref="SendAsync"/>
    public Task<JsonElement> PostAsync(string path, HttpContent content, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, cancellationToken);

    /// <summary>Sends a request, and disposes the request and the response.</summary>
    /// <returns>The JSON of a successful response.</returns>
    /// <exception cref="CliException">The server cannot be reached, refuses the request, or does not send JSON.</exception>
    public async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await SendRawAsync(request, cancellationToken);
            var body = await ReadBodyAsync(response, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw CreateResponseError(response, body);
            try
            {
                return JsonElement.Parse(body);
            }
            catch (JsonException e)
            {
                throw new CliException($"{Endpoint} responds, but not with JSON.", cause: e)
                {
                    Fix = $"Set {_option} to the root address of an inference server.",
                };
            }
        }
    }

    /// <summary>Sends a request whose response has no content, and disposes the request and the response.</summary>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public async Task SendEmptyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await SendRawAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw CreateResponseError(response, await ReadBodyAsync(response, cancellationToken));
        }
    }

    /// <summary>Sends a request without checking the response.</summary>
    /// <returns>The response, whatever its status. The caller disposes it.</returns>
    /// <exception cref="CliException">The server cannot be reached.</exception>
    public async Task<HttpResponseMessage> SendRawAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e)
            when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw e.InnerException is AuthenticationException tlsFailure
                ? new CliException($"{Endpoint} does not accept a secure connection ({tlsFailure.GetBaseException().Message}).", cause: e)
                {
                    Fix = $"Check the server's certificate, or set {_option} to an http address.",
                }
                : new CliException($"No server responds at {Endpoint} ({e.Message}).", cause: e)
                {
                    Fix = $"Start the server, or set {EndpointSources} to another one.",
                };
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CliException($"The response of {Endpoint} ended early ({e.Message}).", cause: e) { Fix = "Try again." };
        }
    }

    /// <summary>Creates the error for a response whose status is not a success.</summary>
    public static CliException CreateResponseError(HttpResponseMessage response, byte[] body)
    {
        var status = response.StatusCode;
        if (status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
            return new CliException($"{(int)status}: {FindReason(body) ?? $"{status}"}") { Status = status, Code = FindCode(response) };
        // If a request needs the admin key and the server has none, no key is accepted. The reason then names the setting of the admin key.
        var reason = FindReason(body);
        return reason?.Contains(AdminKeySetting, StringComparison.Ordinal) is true
            ? new CliException($"{(int)status}: {reason}")
            {
                Status = status,
                Fix = $"Restart the server with {AdminKeySetting}, and give that key with INFERCTL_KEY or --key.",
            }
            : new CliException($"{(int)status}: the key is missing or wrong.")
            {
                Status = status,
                Fix = "Set the key with INFERCTL_KEY or --key.",
            };
    }

    /// <summary>Returns the code of an error response; null for a response without a code.</summary>
    public static string? FindCode(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Inference-Error-Code", out var codes) ? codes.FirstOrDefault() : null;

    /// <summary>
    /// Returns the reason in the body of an error response: the member <c>detail</c> or <c>error</c>; null if the body has neither.
    /// </summary>
    public static string? FindReason(byte[] body)
    {
        try
        {
            var response = JsonElement.Parse(body);
            return response.ValueKind != JsonValueKind.Object ? null
                : response.TryGetProperty("detail", out var detail) ? detail.ToString()
                : response.TryGetProperty("error", out var error) ? error.ToString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
