using Functions.Worker.Contexts;
using Functions.Worker.Protocol;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Host;

/// <summary>The <c>FunctionContext</c> of an invocation under a Functions host.</summary>
internal sealed class InvocationContext(Invocation invocation, IServiceProvider services, BindingContext bindings)
    : WorkerContext(invocation.Function)
{
    public override string InvocationId => invocation.Id;

    public override BindingContext BindingContext => bindings;

    public override TraceContext TraceContext { get; } = CreateTrace(invocation.Request.TraceContext ?? new());

    public override Microsoft.Azure.Functions.Worker.RetryContext RetryContext { get; } =
        new InvocationRetry(invocation.Request.RetryContext?.RetryCount ?? 0, invocation.Request.RetryContext?.MaxRetryCount ?? 0);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => invocation.Token;

    private static InvocationTrace CreateTrace(RpcTraceContext trace) => new(trace.TraceParent, trace.TraceState, trace.Attributes.AsReadOnly());
}
