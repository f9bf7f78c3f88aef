using Functions.Worker.Hosting;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>
/// The app's gRPC services. Register them as a service of this type. The standalone server serves them on addresses of their own, with
/// HTTP/2 by prior knowledge, and requires the same keys as for functions. A Functions host does not forward gRPC.
/// </summary>
/// <param name="map">Maps the services; <see cref="AccessLevel"/> as metadata sets the key that a method requires.</param>
public sealed class GrpcEndpoints(Action<IEndpointRouteBuilder> map)
{
    /// <summary>The setting for the addresses of gRPC. Without it, gRPC is off.</summary>
    public const string UrlsSetting = "Grpc:Urls";

    private const string MediaType = "application/grpc", Unauthenticated = "16", Unimplemented = "12";

    public static bool AreEnabled(IConfiguration settings) => !string.IsNullOrWhiteSpace(settings[UrlsSetting]);

    /// <summary>Whether a request is a gRPC call, and is therefore refused in gRPC's format.</summary>
    internal static bool IsCall(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && HttpProtocol.IsHttp2(request.Protocol)
        && request.ContentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) == true;

    internal void Map(WebApplication app, AccessKeys keys)
    {
        var group = app.MapGroup("");
        map(group);
        // Marks the endpoints, so that UnmatchedRequests does not handle their requests.
        group.WithMetadata(this);
        // Runs last, when the metadata of the methods is complete.
        ((IEndpointConventionBuilder)group).Finally(endpoint => Guard(endpoint, keys));
    }

    /// <summary>Checks the key before any part of the message is read.</summary>
    private static void Guard(EndpointBuilder endpoint, AccessKeys keys)
    {
        var level = endpoint.Metadata.OfType<AccessLevel>().LastOrDefault()?.Level ?? AuthorizationLevel.Function;
        var next = endpoint.RequestDelegate ?? throw new StartupException($"{endpoint.DisplayName} has no handler.");
        endpoint.RequestDelegate = level == AuthorizationLevel.Anonymous
            ? http => HandleSmallAsync(http, next)
            : http => keys.FindMissingKey(level, http.Request) is { } missing ? RefuseKeyAsync(http, missing) : next(http);
    }

    private static async Task HandleSmallAsync(HttpContext http, RequestDelegate next)
    {
        if (await SmallGrpcMessage.FindProblemAsync(http) is var (status, code, message))
            await RefuseAsync(http, status, code, message);
        else
            await next(http);
    }

    private static Task RefuseKeyAsync(HttpContext http, string missing) => IsCall(http.Request)
        ? RefuseAsync(http, Unauthenticated, ProblemCodes.Unauthorized, missing)
        : StandaloneServer.RefuseAsync(http, missing);

    /// <summary>Refuses a call of a method that does not exist.</summary>
    internal static Task RefuseUnknownAsync(HttpContext http, string message) =>
        RefuseAsync(http, Unimplemented, ProblemCodes.RouteNotFound, message);

    /// <summary>
    /// Sets a gRPC status without a message, which gRPC sends in the headers. The headers must end the stream, because clients look for the
    /// status there. So this method does not start the response: the server sends it when the request ends.
    /// </summary>
    internal static Task RefuseAsync(HttpContext http, string status, string code, string message)
    {
        http.Response.ContentType = MediaType;
        http.Response.Headers["grpc-status"] = status;
        http.Response.Headers[Problem.CodeHeader] = code;
        http.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
        return Task.CompletedTask;
    }
}
