using Functions.Worker.Http;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// Configures the app for a Functions host. The app has no routes or keys, and serves only requests that the host forwards.
/// </summary>
internal static class HostServer
{
    /// <summary>
    /// The address on which the app listens. Only this machine can reach it. With port 0, the operating system chooses a free port, which
    /// the worker reports to the host.
    /// </summary>
    private const string Address = "http://127.0.0.1:0";

    public static InvocationRunner Configure(WebApplication app, IReadOnlyList<FunctionDescriptor> functions)
    {
        var services = app.Services;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var invocations = new PendingHttpInvocations();
        var requests = new ProxiedRequests(
            invocations,
            new RouteTemplates(HostJson.Read(app.Environment.ContentRootPath).RoutePrefix, functions),
            new HttpFunctionInvoker(services.GetRequiredService<ILogger<HttpFunctionInvoker>>()),
            time,
            services.GetRequiredService<ILogger<ProxiedRequests>>());
        ListenAddresses.ClearOtherSettings(app.Configuration);
        app.Urls.Add(Address);
        app.Run(requests.HandleAsync);
        return new InvocationRunner(services, invocations, time, services.GetRequiredService<ILogger<InvocationRunner>>());
    }
}
