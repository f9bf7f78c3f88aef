using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Http;

/// <summary>
/// Runs a function for a request. An exception of the function becomes an error response, and is also part of the returned outcome.
/// </summary>
internal sealed partial class HttpFunctionInvoker(ILogger<HttpFunctionInvoker> logger)
{
    private const string NoMemoryDetail = "There is not enough memory for the request at the moment. Try again later.";

    /// <summary>Runs the function and writes its response, or an error response.</summary>
    /// <returns>The outcome. A request that is refused as invalid or for lack of memory counts as a success of the function.</returns>
    public async ValueTask<FunctionOutcome> InvokeAsync(
        HttpContext http, FunctionDescriptor function, HttpTrigger trigger, FunctionContext context)
    {
        try
        {
            var result = await trigger.Invoke(http, context);
            await result.ExecuteAsync(http);
            return FunctionOutcome.Success;
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested)
        {
            LogClientDisconnected(function.Name, e);
            return FunctionOutcome.Cancelled(e);
        }
        catch (BadHttpRequestException e)
        {
            LogBadRequest(function.Name, e.StatusCode, e);
            var code = e.StatusCode == StatusCodes.Status413PayloadTooLarge ? ProblemCodes.BodyTooLarge : ProblemCodes.InvalidHttp;
            await WriteProblemAsync(http, e.StatusCode, code, e.Message);
            // The function did not fail: the client has to correct its request.
            return FunctionOutcome.Success;
        }
        catch (OutOfMemoryException e)
        {
            LogOutOfMemory(function.Name, e);
            await WriteProblemAsync(http, StatusCodes.Status429TooManyRequests, ProblemCodes.OutOfMemory, NoMemoryDetail, retryAfter: "1");
            // The function did not fail, and the client may retry.
            return FunctionOutcome.Success;
        }
        catch (Exception e)
        {
            LogFailed(function.Name, e);
            await WriteProblemAsync(
                http, StatusCodes.Status500InternalServerError, ProblemCodes.InternalError, "The function failed. The log has the reason.");
            return FunctionOutcome.Failed(e);
        }
    }

    private static async Task WriteProblemAsync(HttpContext http, int status, string code, string detail, string? retryAfter = null)
    {
        if (http.Response.HasStarted)
        {
            // Without the abort, the client would take the cut-off response for a complete one.
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.Headers.RetryAfter = retryAfter;
        await Problem.WriteAsync(http, status, code, detail);
    }

    [LoggerMessage(LogLevel.Error, "Function {Function} failed.")]
    private partial void LogFailed(string function, Exception exception);

    [LoggerMessage(LogLevel.Warning, "There is not enough memory for a request to function {Function}.")]
    private partial void LogOutOfMemory(string function, Exception exception);

    [LoggerMessage(LogLevel.Debug, "A request to function {Function} was invalid ({Status}).")]
    private partial void LogBadRequest(string function, int status, Exception exception);

    [LoggerMessage(LogLevel.Debug, "The client of function {Function} disconnected.")]
    private partial void LogClientDisconnected(string function, Exception exception);
}
