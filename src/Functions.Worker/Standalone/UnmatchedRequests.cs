using Functions.Worker.Http;
using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Answers requests for which no function and no gRPC service is: OPTIONS, another method than a path has, a path that is none.
/// </summary>
internal static class UnmatchedRequests
{
    /// <summary>The longest path that an error repeats.</summary>
    private const int MaxQuoted = 200;

    /// <summary>
    /// Middleware behind the routing, which answers 404 and 405 without a body. Functions and gRPC services answer for themselves.
    /// </summary>
    public static Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<FunctionDescriptor>() is not null)
            return next(http);
        if (metadata?.GetMetadata<GrpcEndpoints>() is not null)
        {
            // Methods of gRPC take preflights, and are no answer to one.
            return HttpMethods.IsOptions(http.Request.Method) ? AnswerMethodAsync(http, HttpMethods.Post) : next(http);
        }

        return GrpcEndpoints.IsCall(http.Request)
            ? GrpcEndpoints.RefuseUnknown(http, $"No gRPC method is at {PathOf(http)}.")
            : AddBodyAsync(http, next);
    }

    private static async Task AddBodyAsync(HttpContext http, RequestDelegate next)
    {
        // OPTIONS * asks about the server and not about one of its paths (RFC 9110, section 9.3.7).
        if (HttpMethods.IsOptions(http.Request.Method) && !http.Request.Path.HasValue)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await next(http);
        if (http.Response.HasStarted)
            return;
        if (http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await AnswerMethodAsync(http, http.Response.Headers.Allow.ToString());
        else
            await Problem.WriteAsync(http, http.Response.StatusCode, ProblemCodes.RouteNotFound, $"Nothing is at {PathOf(http)}.");
    }

    /// <summary>Answers OPTIONS with the methods of the path, and every other method with 405.</summary>
    /// <param name="methods">The methods of the path besides OPTIONS.</param>
    public static Task AnswerMethodAsync(HttpContext http, string methods)
    {
        http.Response.Headers.Allow = $"{methods}, {HttpMethods.Options}";
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return Problem.WriteAsync(
            http, StatusCodes.Status405MethodNotAllowed, ProblemCodes.MethodNotAllowed, $"{PathOf(http)} takes {methods} only.");
    }

    private static string PathOf(HttpContext http) => http.Request.Path.Value is { Length: <= MaxQuoted } path ? path : "this path";
}
