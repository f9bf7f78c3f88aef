using System.Diagnostics;
using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Invokes a function for a message and sends the function's outputs.</summary>
internal sealed class MessageInvoker(QueueFunction function, OutputQueues outputs, IServiceProvider services)
{
    public string FunctionName => function.Name;

    /// <param name="body">The decoded message.</param>
    /// <returns>The exception of the function or of sending its outputs; null when both succeeded.</returns>
    public async Task<Exception?> InvokeAsync(MessageLease lease, ReadOnlyMemory<byte> body)
    {
        using var activity = WorkerActivities.Start(function.Name, lease.MessageId, ActivityKind.Consumer, parent: default);
        try
        {
            await using var scope = services.CreateAsyncScope();
            var message = new TriggerMessage(body, new QueueMetadata(lease.Message, body));
            var results = await function.Invoke(
                message, new QueueFunctionContext(function.Descriptor, scope.ServiceProvider, message, lease.Token));
            // After the lease has ended, the next delivery of the message sends its own outputs.
            if (!lease.IsHeld)
                throw new OperationCanceledException("The message was released.");
            // A function that ended during the shutdown also counts as completed, unless its lease was lost.
            await outputs.SendAsync(results, lease.Loss is null ? CancellationToken.None : lease.Token);
            return null;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e;
        }
    }
}
