using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;

namespace Functions.Worker.TestHost;

/// <content>Invocations that are not HTTP requests.</content>
public sealed partial class FunctionsHostDouble
{
    /// <summary>Sends one attempt to process a queue message.</summary>
    /// <param name="functionName">The name of a function with a queue trigger.</param>
    /// <param name="body">The text of the message.</param>
    /// <param name="dequeueCount">The number of the attempt, from 1.</param>
    /// <param name="messageId">The id of the message; null for a new message.</param>
    /// <param name="cancellationToken">Sends an InvocationCancel. The method still waits for the response.</param>
    public Task<InvocationResult> InvokeQueueAsync(
        string functionName, string body, int dequeueCount = 1, string? messageId = null, CancellationToken cancellationToken = default) =>
        Calls.InvokeAsync(
            functionName,
            TriggerData.Queue(
                Indexed(functionName), messageId ?? Guid.NewGuid().ToString(), body, dequeueCount, _options.Time.GetUtcNow()),
            cancellationToken);

    /// <summary>
    /// Delivers a queue message until an attempt succeeds. After the attempts that extensions.queues.maxDequeueCount of host.json allows,
    /// the message moves to the poison queue.
    /// </summary>
    public async Task<QueueDelivery> DeliverQueueMessageAsync(string functionName, string body)
    {
        var attempts = new List<InvocationResult>();
        var messageId = Guid.NewGuid().ToString();
        while (attempts.Count < _app.MaxDequeueCount)
        {
            attempts.Add(await InvokeQueueAsync(functionName, body, attempts.Count + 1, messageId));
            if (attempts[^1].Succeeded)
                return new QueueDelivery(attempts, IsPoison: false);
        }

        _poison.Add(
            new PoisonMessage($"{_expressions.Resolve(HostFunction.Text(Function(functionName).Trigger, "queueName")!)}-poison", body));
        return new QueueDelivery(attempts, IsPoison: true);
    }

    /// <summary>
    /// Invokes a queue function as POST admin/functions/{name} and the portal's Test/Run do: with a value and no trigger metadata.
    /// </summary>
    public Task<InvocationResult> InvokeByAdminAsync(string functionName, string input) =>
        Calls.InvokeAsync(functionName, TriggerData.QueueByAdmin(Indexed(functionName), input), default);

    /// <summary>Invokes a function that the worker was never told to load.</summary>
    public Task<InvocationResult> InvokeUnknownFunctionAsync() =>
        Calls.InvokeAsync("an unknown function", new InvocationRequest { FunctionId = Guid.NewGuid().ToString() }, CancellationToken.None);

    /// <summary>Sends an InvocationRequest without any id. The worker may respond, and this method does not wait for a response.</summary>
    public void SendInvocationWithoutId() =>
        Calls.Send(Stream.Invocations.Track(new("an invocation without id", new InvocationRequest()) { IsOptional = true }));

    /// <summary>Sends an invocation request that is malformed after its id.</summary>
    public Task<InvocationResult> InvokeUnreadableAsync() => Calls.InvokeUnreadableAsync();

    /// <summary>Sends an invocation request that the test has created.</summary>
    public Task<InvocationResult> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken = default) =>
        Calls.InvokeAsync(
            Functions.FirstOrDefault(function => function.Id == request.FunctionId)?.Name ?? "a made-up function",
            request,
            cancellationToken);

    /// <summary>Returns a function that the host has indexed.</summary>
    private HostFunction Indexed(string name) => Function(name) is { IndexError: { } error }
        ? throw new InvalidOperationException($"The '{name}' function is in error: {error}")
        : Function(name);
}
