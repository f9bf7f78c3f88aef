using Functions.Worker.Registry;

namespace Functions.Worker.Standalone.Queues;

/// <summary>An invocation for a message.</summary>
internal sealed class QueueFunctionContext(FunctionDescriptor function, IServiceProvider services, CancellationToken cancellationToken)
    : StandaloneContext(function)
{
    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => cancellationToken;
}
