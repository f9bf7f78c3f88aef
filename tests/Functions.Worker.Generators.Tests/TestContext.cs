using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Generators.Tests;

/// <summary>The context of an invocation without a host. Members that need a host throw.</summary>
internal sealed class TestContext(FunctionDescriptor function, IServiceProvider services) : FunctionContext
{
    public override string InvocationId => "invocation";

    public override string FunctionId => function.Id;

    public override FunctionDefinition FunctionDefinition => function;

    public override BindingContext BindingContext => throw new NotSupportedException("No host has sent one.");

    public override IInvocationFeatures Features => throw new NotSupportedException("No host has sent one.");

    public override TraceContext TraceContext => throw new NotSupportedException("No host has sent one.");

    public override RetryContext RetryContext => throw new NotSupportedException("No host has sent one.");

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken { get; } = new(canceled: true);

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();
}
