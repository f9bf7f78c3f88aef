using System.Diagnostics;
using Functions.Worker.Contexts;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// Handles the requests that the host forwards. A request runs its function as soon as the host has announced the invocation.
/// </summary>
internal sealed partial class ProxiedRequests(
    PendingHttpInvocations invocations, RouteTemplates routes, HttpFunctionInvoker invoker, TimeProvider time,
    ILogger<ProxiedRequests> logger)
{
    /// <summary>
    /// How long the announcement of an invocation waits for its request, or the request for its announcement. Even a busy host needs far
    /// less time, so a timeout means that one of the two was lost.
    /// </summary>
    public static readonly TimeSpan PairingTimeout = TimeSpan.FromSeconds(30);

    private const string InvocationIdHeader = "x-ms-invocation-id";
    private const string HeaderAdvice = $"Send the request without the header {InvocationIdHeader}, which only the host may set.";

    public async Task HandleAsync(HttpContext http)
    {
        var id = http.Request.Headers[InvocationIdHeader].ToString();
        if (id.Length == 0)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status403Forbidden,
                ProblemCodes.NotFromHost,
                "The request names no invocation. Send requests to the Functions host, not to its worker.");
            return;
        }

        var pending = invocations.GetOrAdd(id);
        if (!pending.TryMarkRequested())
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status409Conflict,
                ProblemCodes.NotFromHost,
                $"Another request already belongs to the invocation {CallerQuote.Create(id)}. {HeaderAdvice}");
            return;
        }

        if (await pending.WaitForInvocationAsync(PairingTimeout, time, http.RequestAborted) is { } invocation)
        {
            pending.End(await RunAsync(http, invocation));
            return;
        }

        invocations.Remove(id, pending);
        if (!http.RequestAborted.IsCancellationRequested)
        {
            await Problem.WriteAsync(http, StatusCodes.Status504GatewayTimeout, ProblemCodes.NotFromHost, DescribeMissingAnnouncement(id));
        }
    }

    /// <summary>
    /// Describes why the announcement is missing. The usual cause is a client that has sent the header itself: the host then keeps the
    /// client's header and adds none.
    /// </summary>
    private static string DescribeMissingAnnouncement(string id) =>
        $"The host has not announced the invocation {CallerQuote.Create(id)}. {HeaderAdvice}";

    /// <summary>
    /// Runs the function and returns when the response has completed or failed. Never throws, because the host waits for the outcome.
    /// </summary>
    private async Task<FunctionOutcome> RunAsync(HttpContext http, Invocation invocation)
    {
        using var activity = InvocationScope.Enter(invocation);
        var outcome = FunctionOutcome.Success;
        try
        {
            outcome = await InvokeUnlessCancelledAsync(http, invocation);
            await http.Response.CompleteAsync();
        }
        catch (Exception e)
        {
            // The function did not fail. Either the response did not match its declared length or format, or the client disconnected during
            // the response.
            ResponseFailed(invocation.Function.Name, e);
            http.Abort();
            if (outcome.Exception is null)
                outcome = invocation.Token.IsCancellationRequested ? FunctionOutcome.Cancelled(e) : FunctionOutcome.Failed(e);
        }

        if (outcome is { Exception: { } failure, IsCancelled: false })
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        return outcome;
    }

    private async Task<FunctionOutcome> InvokeUnlessCancelledAsync(HttpContext http, Invocation invocation)
    {
        var clientDisconnected = http.RequestAborted;
        await using var registration = clientDisconnected.UnsafeRegister(static state => ((Invocation)state!).Cancel(), invocation);
        // An invocation that was cancelled before it started does not run, because nobody would receive its response.
        var outcome = invocation.Token.IsCancellationRequested
            ? FunctionOutcome.Cancelled(new OperationCanceledException("The invocation was cancelled before it began.", invocation.Token))
            : await InvokeFunctionAsync(http, invocation);
        http.RequestAborted = clientDisconnected;
        if (outcome.IsCancelled)
            await WriteCancelledAsync(http);
        return outcome;
    }

    private ValueTask<FunctionOutcome> InvokeFunctionAsync(HttpContext http, Invocation invocation)
    {
        // The request and the function's context have the same token.
        http.RequestAborted = invocation.Token;
        routes.SetRouteValues(http.Request, invocation.Function);
        var context = new InvocationContext(invocation, http.RequestServices, new InvocationBindings(http.Request.RouteValues));
        return invoker.InvokeAsync(http, invocation.Function, invocation.Function.Http!, context);
    }

    /// <summary>Responds that the host cancelled the invocation, unless the client has already disconnected.</summary>
    private static async Task WriteCancelledAsync(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
        }
        else if (!http.RequestAborted.IsCancellationRequested)
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status503ServiceUnavailable, ProblemCodes.Cancelled, "The invocation was cancelled.");
        }
    }

    [LoggerMessage(LogLevel.Debug, "The response of function {Function} could not be finished.")]
    private partial void ResponseFailed(string function, Exception exception);
}
