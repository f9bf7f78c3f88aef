using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The parts that every invocation's context shares. What few functions ask for is made when they do.</summary>
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
