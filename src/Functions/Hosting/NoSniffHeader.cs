using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting;

/// <summary>
/// Sends <c>X-Content-Type-Options: nosniff</c> with every response, so that browsers use the Content-Type instead of guessing. gRPC
/// responses lack the header, because no browser reads them.
/// </summary>
internal sealed class NoSniffHeader : IStartupFilter
{
    /// <summary>Registers the header for all responses, including the refusals that the web server creates without the app.</summary>
    public static void AddTo(IServiceCollection services)
    {
        // The first filter is the outermost one, so every response gets the header.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, NoSniffHeader>());
        services.AddSingleton<DiagnosticSource, MalformedRequestHeaders>();
        services.Configure<KestrelServerOptions>(static server => server.ConfigureEndpointDefaults(static listen =>
            listen.Use(static next => connection => MalformedRequestHeaders.ConnectAsync(connection, next))));
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static next => http =>
        {
            if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
                http.Response.Headers.XContentTypeOptions = "nosniff";
            return next(http);
        });
        next(app);
    };
}
