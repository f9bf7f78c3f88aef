using Functions.Worker.Http;
using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Responds to requests that match no function and no gRPC service: OPTIONS, methods that the path does not support, and unknown paths.
/// </summary>
internal static class UnmatchedRequests
{
    /// <summary>The maximum number of characters of a path that an error quotes.</summary>
    private const int MaxQuoted = 200;

    /// <summary>
    /// Runs after the routing, which responds with 404 and 405 without a body. This middleware adds the body. Functions and gRPC services
    /// write their own responses.
    /// </summary>
    public static Task HandleAsync(HttpContext http, RequestDelegate next, RouteMethods routes)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<FunctionDescriptor>() is not null)
            return next(http);
        if (metadata?.GetMetadata<GrpcEndpoints>() is not null)
        {
            // The endpoints of gRPC methods match preflights but do not handle them.
            return HttpMethods.IsOptions(http.Request.Method) ? HandleMethodAsync(http, HttpMethods.Post) : next(http);
        }

        return GrpcEndpoints.IsCall(http.Request)
            ? GrpcEndpoints.RefuseUnknownAsync(http, $"There is no gRPC method at {PathOf(http)}.")
            : AddBodyAsync(http, next, routes);
    }

    private static async Task AddBodyAsync(HttpContext http, RequestDelegate next, RouteMethods routes)
    {
        // OPTIONS * concerns the server and none of its paths (RFC 9110, section 9.3.7).
        if (HttpMethods.IsOptions(http.Request.Method) && !http.Request.Path.HasValue)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await next(http);
        if (http.Response.HasStarted)
            return;
        // Only the routing knows the methods of other routes than functions, such as those of gRPC.
        if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await HandleMethodAsync(http, routes.Find(http.Request.Path) ?? http.Response.Headers.Allow.ToString());
        else
            await Problem.WriteAsync(http, http.Response.StatusCode, ProblemCodes.RouteNotFound, $"There is no route at {PathOf(http)}.");
    }

    /// <summary>Responds to OPTIONS with the methods of the path, and to every other method with 405.</summary>
    /// <param name="methods">The methods of the path besides OPTIONS.</param>
    public static Task HandleMethodAsync(HttpContext http, string methods)
    {
        http.Response.Headers.Allow = $"{methods}, {HttpMethods.Options}";
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return Problem.WriteAsync(
            http, StatusCodes.Status405MethodNotAllowed, ProblemCodes.MethodNotAllowed, $"{PathOf(http)} accepts only {methods}.");
    }

    private static string PathOf(HttpContext http) => http.Request.Path.Value is { Length: <= MaxQuoted } path ? path : "this path";
}
