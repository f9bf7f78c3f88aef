using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting;

/// <summary>
/// Sends <c>X-Content-Type-Options: nosniff</c> with every answer, so that no browser takes an answer for something else than what its
/// Content-Type says. Answers to gRPC calls, which no browser reads, do without.
/// </summary>
internal sealed class ContentTypeOptions : IStartupFilter
{
    private const string Value = "nosniff";

    public static void AddTo(IServiceCollection services)
    {
        // The first filter is the outermost: whatever answers has the header.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ContentTypeOptions>());
        services.AddSingleton<DiagnosticSource, RefusedRequests>();
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static next => http =>
        {
            if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
                http.Response.Headers.XContentTypeOptions = Value;
            return next(http);
        });
        next(app);
    };

    /// <summary>Requests that the server refuses while it parses them. They do not reach the app; the server tells only its diagnostics of them.</summary>
    private sealed class RefusedRequests : DiagnosticSource
    {
        public override bool IsEnabled(string name) => name == "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

        [RequiresUnreferencedCode("The base class asks for it. Nothing here looks into the value.")]
        public override void Write(string name, object? value)
        {
            if (value is IFeatureCollection features && features.Get<IHttpResponseFeature>() is { HasStarted: false } response)
                response.Headers.XContentTypeOptions = Value;
        }
    }
}
