using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The values beside a trigger's own, such as the route values of a request.</summary>
internal sealed class InvocationBindings(IReadOnlyDictionary<string, object?> data) : BindingContext
{
    public override IReadOnlyDictionary<string, object?> BindingData => data;
}
