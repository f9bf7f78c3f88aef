using Functions.Worker.Contexts;
using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>
/// The context of an HTTP invocation in standalone mode. The context is also the invocation's service provider. The context resolves
/// singletons without the request's own provider, which would create a scope on its first use.
/// </summary>
internal sealed class HttpFunctionContext(HttpContext http, FunctionDescriptor function, SingletonServices singletons)
    : StandaloneContext(function), IServiceProvider
{
    private bool _isReplaced;

    public override IServiceProvider InstanceServices
    {
        get => _isReplaced ? http.RequestServices : this;
        set => (http.RequestServices, _isReplaced) = (value, true);
    }

    public override BindingContext BindingContext => new InvocationBindings(http.Request.RouteValues);

    public override CancellationToken CancellationToken => http.RequestAborted;

    public object? GetService(Type serviceType) =>
        singletons.TryGet(serviceType, out var service) ? service : http.RequestServices.GetService(serviceType);
}
