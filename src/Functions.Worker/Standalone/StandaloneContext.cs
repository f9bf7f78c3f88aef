using System.Collections.ObjectModel;
using System.Diagnostics;
using Functions.Worker.Contexts;
using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>
/// The context of an invocation in standalone mode. Only a Functions host applies retry policies, so there are no retries.
/// </summary>
internal abstract class StandaloneContext(FunctionDescriptor function) : WorkerContext(function)
{
    private static readonly InvocationRetry NoRetries = new(0, 0);

    private string? _invocationId;

    public override string InvocationId => _invocationId ??= Guid.NewGuid().ToString();

    public override TraceContext TraceContext => new InvocationTrace(
        Activity.Current?.Id ?? "", Activity.Current?.TraceStateString ?? "", ReadOnlyDictionary<string, string>.Empty);

    public override RetryContext RetryContext => NoRetries;
}
