using Functions.Predictions;
using Microsoft.AspNetCore.Http;

namespace Functions.Hosting;

/// <summary>Answers the paths of the standalone server that are not functions and are only read.</summary>
internal static class ReadRoute
{
    private const string Methods = "GET, HEAD, OPTIONS";

    /// <summary>GET and HEAD get what is read, OPTIONS the methods, and every other method 405.</summary>
    public static Task AnswerAsync(HttpContext http, Func<HttpContext, Task> read)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return read(http);
        http.Response.Headers.Allow = Methods;
        if (!HttpMethods.IsOptions(method))
        {
            var error = new RefusedRequestException(
                $"{http.Request.Path} takes {Methods} only.", StatusCodes.Status405MethodNotAllowed, ServerErrorCodes.MethodNotAllowed);
            return ErrorResults.From(error, ErrorStyle.Problem).ExecuteAsync(http);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
