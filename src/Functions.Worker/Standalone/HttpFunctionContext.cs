using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>An invocation that is nothing but its request.</summary>
internal sealed class HttpFunctionContext(HttpContext http, FunctionDescriptor function) : StandaloneContext(function)
{
    public override IServiceProvider InstanceServices
    {
        get => http.RequestServices;
        set => http.RequestServices = value;
    }

    public override CancellationToken CancellationToken => http.RequestAborted;
}
