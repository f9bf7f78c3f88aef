using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The members that all invocation contexts share. Rarely used objects are created on first use.</summary>
internal abstract class WorkerContext(FunctionDescriptor function) : FunctionContext
{
    private IInvocationFeatures? _features;
    private IDictionary<object, object>? _items;

    public override string FunctionId => function.Id;

    public override FunctionDefinition FunctionDefinition => function;

    public override IInvocationFeatures Features => _features ??= new InvocationFeatures();

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }
}
