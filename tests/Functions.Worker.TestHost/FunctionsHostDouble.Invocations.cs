using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;

namespace Functions.Worker.TestHost;

/// <content>Triggers that are no requests.</content>
public sealed partial class FunctionsHostDouble
{
    /// <summary>One attempt at a queue message.</summary>
    /// <param name="functionName">One with a queue trigger.</param>
    /// <param name="body">The message, as text.</param>
    /// <param name="dequeueCount">Which attempt it is.</param>
    /// <param name="messageId">Null for a new message.</param>
    /// <param name="cancellationToken">Sends an InvocationCancel; the answer is still waited for.</param>
    public Task<InvocationResult> InvokeQueueAsync(
        string functionName, string body, int dequeueCount = 1, string? messageId = null, CancellationToken cancellationToken = default) =>
        Calls.InvokeAsync(
            functionName,
            TriggerData.Queue(
                Indexed(functionName), messageId ?? Guid.NewGuid().ToString(), body, dequeueCount, _options.Time.GetUtcNow()),
            cancellationToken);

    /// <summary>
    /// A queue message until its end: a failed attempt makes it visible again, and after the last one that
    /// extensions.queues.maxDequeueCount of host.json allows it is moved to the poison queue.
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
    /// An invocation of a queue function by POST admin/functions/{name}, as by the portal's Test/Run: the value without trigger metadata.
    /// </summary>
    public Task<InvocationResult> InvokeByAdminAsync(string functionName, string input) =>
        Calls.InvokeAsync(functionName, TriggerData.QueueOfAdmin(Indexed(functionName), input), default);

    /// <summary>An invocation of a function that the worker was never told to load.</summary>
    public Task<InvocationResult> InvokeUnknownFunctionAsync() =>
        Calls.InvokeAsync("an unknown function", new InvocationRequest { FunctionId = Guid.NewGuid().ToString() }, CancellationToken.None);

    /// <summary>Sends an InvocationRequest without any id. An answer is allowed, and not waited for.</summary>
    public void SendInvocationWithoutId() =>
        Calls.Send(Stream.Invocations.Track(new("an invocation without id", new InvocationRequest()) { IsOptional = true }));

    /// <summary>An invocation with an id, whose rest no reader of messages understands.</summary>
    public Task<InvocationResult> InvokeUnreadableAsync() => Calls.InvokeUnreadableAsync();

    /// <summary>An invocation as the test makes it up.</summary>
    public Task<InvocationResult> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken = default) =>
        Calls.InvokeAsync(
            Functions.FirstOrDefault(function => function.Id == request.FunctionId)?.Name ?? "a made-up function",
            request,
            cancellationToken);

    /// <summary>The function, which the host would never run if it had not indexed it.</summary>
    private HostFunction Indexed(string name) => Function(name) is { IndexError: { } error }
        ? throw new InvalidOperationException($"The '{name}' function is in error: {error}")
        : Function(name);
}
