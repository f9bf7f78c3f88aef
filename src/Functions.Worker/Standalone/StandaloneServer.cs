using Functions.Worker.Hosting;
using Functions.Worker.Http;
using Functions.Worker.Registry;
using Functions.Worker.Standalone.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Standalone;

/// <summary>The app without a Functions host: its own routes, keys and addresses.</summary>
internal static partial class StandaloneServer
{
    /// <summary>Part of the shutdown's time is left for what the invocations' end brings with it.</summary>
    private static readonly TimeSpan QueueMargin = TimeSpan.FromSeconds(5);

    public static void AddServices(IServiceCollection services, IReadOnlyList<FunctionDescriptor> functions, TimeSpan shutdown)
    {
        services.AddSingleton(provider => HostJson.Read(provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        var queueFunctions = functions.Where(function => function.Message?.Queue is not null).ToList();
        if (queueFunctions.Count > 0)
            services.AddHostedService(provider => new QueueService(provider, queueFunctions, shutdown - QueueMargin));
    }

    public static void Configure(WebApplication app, IReadOnlyList<FunctionDescriptor> functions, bool allowAnonymous, StartupTrace trace)
    {
        var keys = AccessKeys.From(app.Configuration);
        foreach (var address in ListenAddresses.Read(app.Configuration))
        {
            if (!allowAnonymous && !keys.HasFunctionKey && !ListenAddresses.IsLoopback(address))
            {
                throw new StartupException(
                    $"{address} can be reached from other machines, and Keys__Function is not set. "
                    + "Set it, or let everyone in with --allow-anonymous.");
            }

            app.Urls.Add(address.ToString());
        }

        if (trace.IsOn)
            app.Use((http, next) => TraceFirstAsync(http, next, trace));
        app.UseRouting();
        app.Use(AnswerUnmatched);
        var prefix = app.Services.GetRequiredService<HostJson>().RoutePrefix;
        var invoker = new HttpFunctionInvoker(app.Services.GetRequiredService<ILogger<HttpFunctionInvoker>>());
        foreach (var function in functions)
        {
            if (FunctionSwitch.IsOff(function, app.Configuration))
                Off(app.Logger, function.Name);
            else if (function.Http is { } http)
                Map(app, prefix, function, http, keys, invoker);
        }
    }

    private static void Map(WebApplication app, string prefix, FunctionDescriptor function, HttpTrigger trigger, AccessKeys keys, HttpFunctionInvoker invoker)
    {
        var pattern = $"{prefix}/{trigger.Route}";
        var endpoint = trigger.Methods.Count == 0
            ? app.Map(pattern, (RequestDelegate)HandleAsync)
            : app.MapMethods(pattern, trigger.Methods, (RequestDelegate)HandleAsync);
        endpoint.WithMetadata(function);

        Task HandleAsync(HttpContext http) => keys.WhatIsMissing(trigger.Level, http.Request) is { } missing
            ? Problem.WriteAsync(http, StatusCodes.Status401Unauthorized, missing)
            : invoker.InvokeAsync(http, function, trigger, new HttpFunctionContext(http, function));
    }

    private static async Task TraceFirstAsync(HttpContext http, RequestDelegate next, StartupTrace trace)
    {
        await next(http);
        trace.End("first request answered");
    }

    /// <summary>Routing answers 404 and 405 without a body; this adds one. What functions answer is theirs.</summary>
    private static Task AnswerUnmatched(HttpContext http, RequestDelegate next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<FunctionDescriptor>() is null ? AddProblemAsync(http, next) : next(http);

    private static async Task AddProblemAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response.HasStarted)
            return;

        var detail = http.Response.StatusCode == StatusCodes.Status405MethodNotAllowed
            ? $"This path is answered for {http.Response.Headers.Allow}, not for {http.Request.Method}."
            : $"Nothing is at {http.Request.Path}.";
        await Problem.WriteAsync(http, http.Response.StatusCode, detail);
    }

    [LoggerMessage(LogLevel.Information, "Function {Function} is off: its setting Disabled says so.")]
    private static partial void Off(ILogger logger, string function);
}
