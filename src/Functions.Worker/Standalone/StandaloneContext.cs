using System.Collections.ObjectModel;
using System.Diagnostics;
using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>An invocation that no host tells anything about. What few functions ask for is made when they do.</summary>
internal abstract class StandaloneContext(FunctionDescriptor function) : FunctionContext
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

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }
}
