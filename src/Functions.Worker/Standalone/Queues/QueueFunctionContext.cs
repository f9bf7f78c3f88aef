using System.Collections.ObjectModel;
using System.Diagnostics;
using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone.Queues;

/// <summary>An invocation for a message. What few functions ask for is made when they do.</summary>
internal sealed class QueueFunctionContext(FunctionDescriptor function, IServiceProvider services, CancellationToken cancellationToken)
    : FunctionContext
{
    private static readonly RetryContext NoRetries = new(0, 0);

    private string? _invocationId;
    private IDictionary<object, object>? _items;

    public override string InvocationId => _invocationId ??= Guid.NewGuid().ToString();

    public override string FunctionId => function.Id;

    public override FunctionDefinition FunctionDefinition => function;

    public override TraceContext TraceContext => new(
        Activity.Current?.Id ?? "", Activity.Current?.TraceStateString ?? "", ReadOnlyDictionary<string, string>.Empty);

    public override RetryContext RetryContext => NoRetries;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => cancellationToken;

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }
}
