using Functions.Worker.Hosting;
using Functions.Worker.Http;
using Functions.Worker.Registry;
using Functions.Worker.Standalone.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Functions.Worker.Standalone;

/// <summary>Configures the app without a Functions host, with its own routes, keys and addresses.</summary>
internal static partial class StandaloneServer
{
    /// <summary>
    /// The time between the end of the grace period of queue functions and the shutdown timeout. In this time, the remaining invocations
    /// are cancelled, and their messages are released.
    /// </summary>
    private static readonly TimeSpan QueueMargin = TimeSpan.FromSeconds(5);

    public static void AddServices(IServiceCollection services, IReadOnlyList<FunctionDescriptor> functions, TimeSpan shutdownTimeout)
    {
        services.AddSingleton(provider => HostJson.Read(provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        services.AddSingleton(provider => new SingletonServices(services, provider));
        var queueFunctions = functions.Where(function => function.Message is not null).ToList();
        if (queueFunctions.Count > 0)
            services.AddHostedService(provider => new QueueService(provider, queueFunctions, shutdownTimeout - QueueMargin));
    }

    /// <summary>Maps the functions and sets the addresses.</summary>
    /// <param name="allowAnonymous">Whether other machines may call without a key.</param>
    /// <returns>
    /// An action to call when the app listens. The action throws if other machines can reach the app, but only this machine may.
    /// </returns>
    public static Action Configure(WebApplication app, IReadOnlyList<FunctionDescriptor> functions, bool allowAnonymous, StartupTrace trace)
    {
        var keys = AccessKeys.From(app.Configuration);
        var grpc = app.Services.GetService<GrpcEndpoints>();
        var requiresLoopback = !allowAnonymous && !keys.HasFunctionKey;
        Listen(app, isGrpc: grpc is not null, requiresLoopback);
        if (trace.WritesToStderr)
            app.Use((http, next) => TraceFirstRequestAsync(http, next, trace));
        app.UseRouting();
        var routes = new RouteMethods();
        app.Use((http, next) => UnmatchedRequests.HandleAsync(http, next, routes));
        grpc?.Map(app, keys);
        var prefix = app.Services.GetRequiredService<HostJson>().RoutePrefix;
        var invoker = new HttpFunctionInvoker(app.Services.GetRequiredService<ILogger<HttpFunctionInvoker>>());
        var singletons = app.Services.GetRequiredService<SingletonServices>();
        foreach (var function in functions)
        {
            if (DisabledFunctions.IsDisabled(function, app.Configuration))
            {
                LogDisabled(app.Logger, function.Name);
            }
            else if (function.Http is { } http)
            {
                var pattern = $"{prefix}/{http.Route}";
                Map(app, pattern, function, http, keys, invoker, singletons);
                routes.Add(pattern, HeadRoutes.MethodsOf(http));
            }
        }

        return () =>
        {
            if (requiresLoopback)
                ListenAddresses.ThrowIfNotLoopback(app.Urls);
        };
    }

    /// <param name="requiresLoopback">
    /// Whether only this machine may reach the server: no function key is set, and --allow-anonymous is missing.
    /// </param>
    private static void Listen(WebApplication app, bool isGrpc, bool requiresLoopback)
    {
        var addresses = ListenAddresses.Read(app.Configuration);
        var grpcAddresses = isGrpc ? ListenAddresses.ReadGrpc(app.Configuration) : [];
        if (requiresLoopback)
            ListenAddresses.ThrowIfNotLoopback(addresses.Concat(grpcAddresses).Select(address => address.ToString()));

        ListenAddresses.ClearOtherSettings(app.Configuration);
        if (!isGrpc)
        {
            foreach (var address in addresses)
                app.Urls.Add(address.ToString());
            return;
        }

        // Without TLS, an address supports either HTTP/1 or HTTP/2. Only an address that is added to Kestrel's options can be limited to
        // one protocol.
        var kestrel = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        foreach (var address in addresses)
            ListenAddresses.Listen(kestrel, address, HttpProtocols.Http1);
        foreach (var address in grpcAddresses)
            ListenAddresses.Listen(kestrel, address, HttpProtocols.Http2);
    }

    private static void Map(
        WebApplication app,
        string pattern,
        FunctionDescriptor function,
        HttpTrigger trigger,
        AccessKeys keys,
        HttpFunctionInvoker invoker,
        SingletonServices singletons)
    {
        var endpoint = trigger.Methods.Count == 0
            ? app.Map(pattern, (RequestDelegate)HandleAsync)
            : app.MapMethods(pattern, HeadRoutes.MethodsOf(trigger), (RequestDelegate)HandleAsync);
        endpoint.WithMetadata(function);

        Task HandleAsync(HttpContext http) => keys.FindMissingKey(trigger.Level, http.Request) is { } missingKey
            ? RefuseAsync(http, missingKey)
            : DropOutcome(invoker.InvokeAsync(http, function, trigger, new HttpFunctionContext(http, function, singletons)));
    }

    /// <summary>Responds with 401 to a request without a valid key.</summary>
    internal static Task RefuseAsync(HttpContext http, string missingKey)
    {
        http.Response.Headers.WWWAuthenticate = AccessKeys.Challenge;
        return Problem.WriteAsync(http, StatusCodes.Status401Unauthorized, ProblemCodes.Unauthorized, missingKey);
    }

    /// <summary>
    /// Returns the invocation as a task without the outcome. Allocates nothing when the invocation has already completed.
    /// </summary>
    private static Task DropOutcome(ValueTask<FunctionOutcome> invocation) =>
        invocation.IsCompletedSuccessfully ? Task.CompletedTask : invocation.AsTask();

    private static async Task TraceFirstRequestAsync(HttpContext http, RequestDelegate next, StartupTrace trace)
    {
        await next(http);
        trace.End("first request answered");
    }

    [LoggerMessage(LogLevel.Information, "The setting AzureWebJobs.{Function}.Disabled turns the function off.")]
    private static partial void LogDisabled(ILogger logger, string function);
}
