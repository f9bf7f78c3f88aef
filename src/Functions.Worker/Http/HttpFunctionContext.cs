using System.Collections.ObjectModel;
using System.Diagnostics;
using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Http;

/// <summary>An invocation that is nothing but its request. What few functions ask for is made when they do.</summary>
internal sealed class HttpFunctionContext(HttpContext http, FunctionDescriptor function) : FunctionContext
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

    public override IServiceProvider InstanceServices
    {
        get => http.RequestServices;
        set => http.RequestServices = value;
    }

    public override CancellationToken CancellationToken => http.RequestAborted;

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }
}
