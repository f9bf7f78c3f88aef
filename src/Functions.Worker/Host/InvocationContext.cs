using Functions.Worker.Protocol;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Host;

/// <summary>An invocation as its function sees it.</summary>
internal sealed class InvocationContext(Invocation invocation, IServiceProvider services) : FunctionContext
{
    public override string InvocationId => invocation.Id;

    public override string FunctionId => invocation.Function.Id;

    public override FunctionDefinition FunctionDefinition => invocation.Function;

    public override TraceContext TraceContext { get; } = From(invocation.Request.TraceContext ?? new());

    public override Microsoft.Azure.Functions.Worker.RetryContext RetryContext { get; } =
        new(invocation.Request.RetryContext?.RetryCount ?? 0, invocation.Request.RetryContext?.MaxRetryCount ?? 0);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => invocation.Token;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    private static TraceContext From(RpcTraceContext trace) => new(trace.TraceParent, trace.TraceState, trace.Attributes.AsReadOnly());
}
