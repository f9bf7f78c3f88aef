using Functions.Predictions;
using Inference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// Handles GET /metrics. The path needs no key, as scrapers expect. The response has names and counters of models, but no content of
/// requests and no settings. The path is not a function, because under a Functions host a scrape would reach only one of many instances.
/// </summary>
internal sealed class MetricsEndpoint(MetricRegistry registry, IServiceProvider services) : IStartupFilter
{
    private const string Path = "/metrics";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(next => http => http.Request.Path == Path ? ReadOnlyRoute.HandleAsync(http, WriteAsync) : next(http));
        next(app);
    };

    private Task WriteAsync(HttpContext http)
    {
        // This call creates the engine's observable instruments, so that the first scrape contains them.
        services.GetRequiredService<EngineStatus>();
        BodyResult? body = null;
        registry.Read(families => body = BodyResult.Create(
            families, static (output, families) => MetricsText.Write(output, families), contentType: MetricsText.ContentType));
        return body!.ExecuteAsync(http);
    }
}
