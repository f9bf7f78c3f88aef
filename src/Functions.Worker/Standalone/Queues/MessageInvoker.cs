using System.Diagnostics;
using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Invokes a function for a message and sends the function's outputs.</summary>
internal sealed class MessageInvoker(QueueFunction function, OutputQueues outputQueues, IServiceProvider services)
{
    public string FunctionName => function.Name;

    /// <summary>Runs the function, then sends its outputs if the message is still leased.</summary>
    /// <param name="body">The decoded message.</param>
    /// <returns>The exception of the function or of sending its outputs; null when both succeeded. This method does not throw.</returns>
    public async Task<Exception?> InvokeAsync(MessageLease lease, ReadOnlyMemory<byte> body)
    {
        using var activity = WorkerActivities.Start(function.Name, lease.MessageId, ActivityKind.Consumer, parent: default);
        try
        {
            await using var scope = services.CreateAsyncScope();
            var message = new TriggerMessage(body, new QueueMetadata(lease.Message, body));
            var outputs = await function.Invoke(
                message, new QueueFunctionContext(function.Descriptor, scope.ServiceProvider, message, lease.Token));
            // A message that is no longer leased is delivered again, and the next invocation for the message sends the outputs.
            if (!lease.IsHeld)
                throw new OperationCanceledException("The message was released.");
            // A function that completes during the shutdown still sends its outputs. So only the loss of the lease cancels the
            // sending.
            await outputQueues.SendAsync(outputs, lease.LossReason is null ? CancellationToken.None : lease.Token);
            return null;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e;
        }
    }
}
