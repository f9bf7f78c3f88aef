using Functions.Predictions;
using Microsoft.AspNetCore.Http;

namespace Functions.Hosting;

/// <summary>Handles the read-only paths of the standalone server that are not functions.</summary>
internal static class ReadOnlyRoute
{
    private const string Methods = "GET, HEAD, OPTIONS";

    /// <summary>
    /// Runs the handler for GET and HEAD, responds to OPTIONS with the allowed methods, and responds to every other method with 405.
    /// </summary>
    public static Task HandleAsync(HttpContext http, Func<HttpContext, Task> handle)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return handle(http);
        http.Response.Headers.Allow = Methods;
        if (!HttpMethods.IsOptions(method))
        {
            var error = new RefusedRequestException(
                $"{http.Request.Path} accepts only {Methods}.", StatusCodes.Status405MethodNotAllowed, ServerErrorCodes.MethodNotAllowed);
            return ErrorResults.From(error, ErrorStyle.Problem).ExecuteAsync(http);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
