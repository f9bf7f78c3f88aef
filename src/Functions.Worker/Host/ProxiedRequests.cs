using System.Diagnostics;
using Functions.Worker.Contexts;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>The requests that the host forwards: each runs its function as soon as the host has announced the invocation.</summary>
internal sealed partial class ProxiedRequests(
    PendingHttpInvocations invocations, RouteTemplates routes, HttpFunctionInvoker invoker, TimeProvider time,
    ILogger<ProxiedRequests> logger)
{
    /// <summary>Far more than a busy host takes between the two halves of an invocation, so that only lost ones meet it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string InvocationIdHeader = "x-ms-invocation-id";

    /// <summary>An error repeats no more characters of a request.</summary>
    private const int MaxQuoted = 200;

    public async Task HandleAsync(HttpContext http)
    {
        var id = http.Request.Headers[InvocationIdHeader].ToString();
        if (id.Length == 0)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status403Forbidden,
                ProblemCodes.NotFromHost,
                "The request is not from the host: it names no invocation.");
            return;
        }

        var pending = invocations.Join(id);
        if (!pending.TryRequest())
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status409Conflict, ProblemCodes.NotFromHost, $"The invocation \"{Quote(id)}\" has its request.");
            return;
        }

        if (await pending.InvocationAsync(Patience, time, http.RequestAborted) is { } invocation)
        {
            pending.End(await RunAsync(http, invocation));
            return;
        }

        invocations.Leave(id, pending);
        if (!http.RequestAborted.IsCancellationRequested)
        {
            await Problem.WriteAsync(http, StatusCodes.Status504GatewayTimeout, ProblemCodes.NotFromHost, NotAnnounced(id));
        }
    }

    /// <summary>
    /// Names the usual cause: the host adds its header only to requests that have none, and so keeps one that a client sends.
    /// </summary>
    private static string NotAnnounced(string id) =>
        $"The host has not announced the invocation \"{Quote(id)}\". "
        + $"Send the request without the header {InvocationIdHeader}, which only the host may set.";

    private static string Quote(string id) => id.Length > MaxQuoted ? id[..MaxQuoted] : id;

    /// <summary>Returns when the response is finished, in whatever way, and throws nothing: the host waits for the outcome.</summary>
    private async Task<FunctionOutcome> RunAsync(HttpContext http, Invocation invocation)
    {
        using var activity = InvocationScope.Enter(invocation);
        var outcome = FunctionOutcome.Success;
        try
        {
            outcome = await InvokeAsync(http, invocation);
            await http.Response.CompleteAsync();
        }
        catch (Exception e)
        {
            // Not the function: the response is not what it said it would be, or its client has left it half sent.
            ResponseFailed(invocation.Function.Name, e);
            http.Abort();
            if (outcome.Exception is null)
                outcome = invocation.Token.IsCancellationRequested ? FunctionOutcome.Cancelled(e) : FunctionOutcome.Failed(e);
        }

        if (outcome is { Exception: { } failure, IsCancelled: false })
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        return outcome;
    }

    private async Task<FunctionOutcome> InvokeAsync(HttpContext http, Invocation invocation)
    {
        var clientLeft = http.RequestAborted;
        await using var leaving = clientLeft.UnsafeRegister(static state => ((Invocation)state!).Cancel(), invocation);
        // Cancelled before it begins, it does nothing: nobody would see it.
        var outcome = invocation.Token.IsCancellationRequested
            ? FunctionOutcome.Cancelled(new OperationCanceledException("Cancelled before it began.", invocation.Token))
            : await CallAsync(http, invocation);
        http.RequestAborted = clientLeft;
        if (outcome.IsCancelled)
            await AnswerCancelledAsync(http);
        return outcome;
    }

    private ValueTask<FunctionOutcome> CallAsync(HttpContext http, Invocation invocation)
    {
        // What a function reads here and in its context is one token.
        http.RequestAborted = invocation.Token;
        routes.Fill(http.Request, invocation.Function);
        var context = new InvocationContext(invocation, http.RequestServices, new InvocationBindings(http.Request.RouteValues));
        return invoker.InvokeAsync(http, invocation.Function, invocation.Function.Http!, context);
    }

    /// <summary>It was the host that cancelled when the client is still there.</summary>
    private static async Task AnswerCancelledAsync(HttpContext http)
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
