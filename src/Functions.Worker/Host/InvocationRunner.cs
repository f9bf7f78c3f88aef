using System.Diagnostics;
using Functions.Worker.Contexts;
using Functions.Worker.Http;
using Functions.Worker.Protocol;
using Functions.Worker.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>Runs invocations and creates exactly one response for each invocation.</summary>
internal sealed partial class InvocationRunner(
    IServiceProvider services, PendingHttpInvocations invocations, TimeProvider time, ILogger<InvocationRunner> logger)
{
    private const string ReturnValue = "$return";

    public async Task<InvocationResponse> RunAsync(Invocation invocation)
    {
        var response = new InvocationResponse { InvocationId = invocation.Id };
        var outcome = invocation.Function.Message is { } trigger
            ? await RunMessageAsync(invocation, trigger, response)
            : await WaitForHttpOutcomeAsync(invocation);
        response.Result = StatusResults.From(outcome);
        return response;
    }

    /// <summary>Waits for the invocation's HTTP request and returns its outcome. The handler of the request runs the function.</summary>
    private async Task<FunctionOutcome> WaitForHttpOutcomeAsync(Invocation invocation)
    {
        var pending = invocations.GetOrAdd(invocation.Id);
        try
        {
            if (!pending.TryAnnounce(invocation))
                return FunctionOutcome.Cancelled(new OperationCanceledException("The client disconnected before the invocation began."));
            if (await pending.WaitForRequestAsync(ProxiedRequests.PairingTimeout, time, invocation.Token))
                return await pending.Ended;
            return invocation.Token.IsCancellationRequested
                ? FunctionOutcome.Cancelled(
                    new OperationCanceledException("The invocation was cancelled before its request arrived.", invocation.Token))
                : FunctionOutcome.Failed(new TimeoutException("The invocation's request has not arrived."));
        }
        finally
        {
            invocations.Remove(invocation.Id, pending);
        }
    }

    private async Task<FunctionOutcome> RunMessageAsync(Invocation invocation, MessageTrigger trigger, InvocationResponse response)
    {
        using var activity = InvocationScope.Enter(invocation);
        try
        {
            // An invocation that was cancelled before it started does not run.
            invocation.Token.ThrowIfCancellationRequested();
            await using var scope = services.CreateAsyncScope();
            var message = CreateMessage(invocation, trigger);
            var context = new InvocationContext(invocation, scope.ServiceProvider, new MessageBindings(message.Metadata));
            AddOutputs(response, await trigger.Invoke(message, context));
            return FunctionOutcome.Success;
        }
        catch (OperationCanceledException e) when (invocation.Token.IsCancellationRequested)
        {
            return FunctionOutcome.Cancelled(e);
        }
        catch (Exception e)
        {
            LogFailed(invocation.Function.Name, e);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return FunctionOutcome.Failed(e);
        }
    }

    private TriggerMessage CreateMessage(Invocation invocation, MessageTrigger trigger)
    {
        var request = invocation.Request;
        var data = request.InputData.FirstOrDefault(input => input.Name == trigger.Binding)?.Data;
        if (data is null || TypedDataConverter.ToBytes(data) is not { } body)
            throw new InvalidDataException($"The host sent no message for the binding '{trigger.Binding}'.");

        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.TriggerMetadata)
        {
            if (TypedDataConverter.ToText(value) is { } text)
                metadata[name] = text;
        }

        QueueMetadataDefaults.AddTo(metadata, invocation.Id, time);
        return new TriggerMessage(body, metadata);
    }

    private static void AddOutputs(InvocationResponse response, IReadOnlyList<FunctionOutput> outputs)
    {
        foreach (var output in outputs)
        {
            if (output.Binding == ReturnValue)
                response.ReturnValue = TypedDataConverter.From(output.Value);
            else
                response.OutputData.Add(new ParameterBinding { Name = output.Binding, Data = TypedDataConverter.From(output.Value) });
        }
    }

    [LoggerMessage(LogLevel.Error, "Function {Function} failed.")]
    private partial void LogFailed(string function, Exception exception);
}
