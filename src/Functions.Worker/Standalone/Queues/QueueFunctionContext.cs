using Functions.Worker.Contexts;
using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone.Queues;

/// <summary>The context of an invocation for a queue message in standalone mode.</summary>
internal sealed class QueueFunctionContext(
    FunctionDescriptor function, IServiceProvider services, TriggerMessage message, CancellationToken cancellationToken)
    : StandaloneContext(function)
{
    public override BindingContext BindingContext { get; } = new MessageBindings(message.Metadata);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => cancellationToken;
}
