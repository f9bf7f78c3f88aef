using Functions.Worker.Hosting;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>
/// The app's gRPC services. Register an object of this type as a service. The standalone server serves gRPC on separate addresses, with
/// HTTP/2 by prior knowledge. Methods require the same keys as functions. A Functions host does not forward gRPC.
/// </summary>
/// <param name="map">Maps the services; <see cref="AccessLevel"/> as metadata sets the key that a method requires.</param>
public sealed class GrpcEndpoints(Action<IEndpointRouteBuilder> map)
{
    /// <summary>The setting for the addresses of gRPC. Default: no address, so gRPC is off.</summary>
    public const string UrlsSetting = "Grpc:Urls";

    private const string MediaType = "application/grpc";

    /// <summary>The gRPC status codes UNAUTHENTICATED and UNIMPLEMENTED.</summary>
    private const string Unauthenticated = "16", Unimplemented = "12";

    /// <summary>Whether the settings turn gRPC on.</summary>
    public static bool AreEnabled(IConfiguration settings) => !string.IsNullOrWhiteSpace(settings[UrlsSetting]);

    /// <summary>Whether a request is a gRPC call. Errors of such a request have gRPC's format.</summary>
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
        // Runs after all other conventions, when the metadata of the methods is complete.
        ((IEndpointConventionBuilder)group).Finally(endpoint => Guard(endpoint, keys));
    }

    /// <summary>Checks the key before any part of the message is read. A method that requires no key accepts only small messages.</summary>
    private static void Guard(EndpointBuilder endpoint, AccessKeys keys)
    {
        var level = endpoint.Metadata.OfType<AccessLevel>().LastOrDefault()?.Level ?? AuthorizationLevel.Function;
        var next = endpoint.RequestDelegate ?? throw new StartupException($"{endpoint.DisplayName} has no handler.");
        endpoint.RequestDelegate = level == AuthorizationLevel.Anonymous
            ? http => HandleSmallAsync(http, next)
            : http => keys.FindMissingKey(level, http.Request) is { } missingKey ? RefuseKeyAsync(http, missingKey) : next(http);
    }

    private static async Task HandleSmallAsync(HttpContext http, RequestDelegate next)
    {
        if (await SmallGrpcMessage.FindProblemAsync(http) is var (status, code, message))
            await RefuseAsync(http, status, code, message);
        else
            await next(http);
    }

    private static Task RefuseKeyAsync(HttpContext http, string missingKey) => IsCall(http.Request)
        ? RefuseAsync(http, Unauthenticated, ProblemCodes.Unauthorized, missingKey)
        : StandaloneServer.RefuseAsync(http, missingKey);

    /// <summary>Refuses a call of a method that does not exist.</summary>
    internal static Task RefuseUnknownAsync(HttpContext http, string message) =>
        RefuseAsync(http, Unimplemented, ProblemCodes.RouteNotFound, message);

    /// <summary>
    /// Responds with a gRPC status and no body. Clients then read the status from the headers of the response. So this method only sets the
    /// headers, which the server sends when the request ends.
    /// </summary>
    internal static Task RefuseAsync(HttpContext http, string status, string code, string message)
    {
        Problem.NotifyListeners(http, code);
        http.Response.ContentType = MediaType;
        http.Response.Headers["grpc-status"] = status;
        http.Response.Headers[Problem.CodeHeader] = code;
        http.Response.Headers["grpc-message"] = GrpcMessage.Encode(message);
        return Task.CompletedTask;
    }
}
