using Functions.Worker.Http;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Protects a server without keys from web pages. Any web page can send requests from the user's browser to every server that the user's
/// machine can reach.
/// </summary>
/// <param name="isLocal">
/// Whether only this machine can reach the server. In this case no proxy changes the Host header, so a foreign host indicates an attack.
/// </param>
/// <param name="allowedOrigins">The origins whose pages may call the server; null when only the server's own pages may call it.</param>
internal sealed class BrowserGuard(bool isLocal, CorsOrigins? allowedOrigins)
{
    /// <summary>The gRPC status code PERMISSION_DENIED.</summary>
    private const string PermissionDenied = "7";

    public Task InvokeAsync(HttpContext http, RequestDelegate next) => FindProblem(http.Request) is var (status, message)
        ? RefuseAsync(http, status, message)
        : next(http);

    private (int Status, string Message)? FindProblem(HttpRequest request)
    {
        if (isLocal && !LoopbackHost.IsLoopback(request.Host))
        {
            return (
                StatusCodes.Status421MisdirectedRequest,
                $"The request is for the host {CallerQuote.Create(request.Host.Value)}. "
                + "Without keys, this server accepts only requests for localhost, 127.0.0.1 or [::1]. "
                + "To serve other names, set Keys__Function, or allow callers without a key with --allow-anonymous.");
        }

        var origin = request.Headers.Origin;
        if (origin.Count > 0 && allowedOrigins?.Allows(origin.ToString()) == true)
            return null;
        if (IsSafe(request) ? !IsEmbedded(request) : IsFromOwnPage(request))
            return null;
        return (
            StatusCodes.Status403Forbidden,
            $"The request is from a web page of {(origin.Count > 0 ? CallerQuote.Create(origin.ToString()) : "another site")}. "
            + "To let pages of that origin call this server, name the origin in Http__Cors__Origins.");
    }

    /// <summary>Whether the request only reads: it has a safe method (RFC 9110, section 9.2.1).</summary>
    private static bool IsSafe(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    /// <summary>
    /// Whether a page of another site embeds a resource of this server, such as an image, a script or a frame. A browser requests such
    /// resources without an action of the user, and a request for some paths would load a model. Preflights are excluded.
    /// </summary>
    private static bool IsEmbedded(HttpRequest request) =>
        !HttpMethods.IsOptions(request.Method)
        && request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")
        && request.Headers["Sec-Fetch-Dest"].ToString() is not ("" or "document");

    /// <summary>Whether the server's own page sent the request, or no page at all.</summary>
    private bool IsFromOwnPage(HttpRequest request)
    {
        var headers = request.Headers;
        return headers["Sec-Fetch-Site"] is { Count: 0 } or ["same-origin" or "none"]
            && (headers.Origin.Count == 0
                || (Uri.TryCreate(headers.Origin.ToString(), UriKind.Absolute, out var origin) && IsOwn(origin, request)));
    }

    /// <summary>
    /// Whether the origin is the server's own. A proxy may change the scheme and the host of a request. So a server with callers on other
    /// machines ignores the scheme, and also accepts the host in <c>X-Forwarded-Host</c>. A page of another origin cannot forge that
    /// header: the browser first sends a preflight request, which this server refuses.
    /// </summary>
    private bool IsOwn(Uri origin, HttpRequest request) =>
        origin is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
        && (isLocal
            ? origin.Scheme == request.Scheme && Matches(request.Host, origin)
            : Matches(request.Host, origin) || Matches(new HostString(request.Headers["X-Forwarded-Host"].ToString()), origin));

    private static bool Matches(HostString host, Uri origin) =>
        host.HasValue
        && host.Host.Equals(origin.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? port == origin.Port : origin.IsDefaultPort);

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        var code = status == StatusCodes.Status421MisdirectedRequest ? ProblemCodes.ForeignHost : ProblemCodes.ForeignPage;
        return GrpcEndpoints.IsCall(http.Request)
            ? GrpcEndpoints.RefuseAsync(http, PermissionDenied, code, message)
            : Problem.WriteAsync(http, status, code, message);
    }
}
