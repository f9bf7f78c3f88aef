using Functions.Predictions;
using Inference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// GET /metrics, without a key, as scrapers expect it: it names models and counts what they do, and says nothing of requests or settings.
/// Not a function, because under a Functions host a scrape would reach one instance of many.
/// </summary>
internal sealed class MetricsEndpoint(MetricRegistry registry, IServiceProvider services) : IStartupFilter
{
    private const string Path = "/metrics";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(next => http => http.Request.Path == Path ? ReadRoute.AnswerAsync(http, WriteAsync) : next(http));
        next(app);
    };

    private Task WriteAsync(HttpContext http)
    {
        // What can be observed, from the first scrape on.
        services.GetRequiredService<EngineStatus>();
        JsonBody? body = null;
        registry.Read(families => body = JsonBody.Create(
            families, static (output, families) => MetricsText.Write(output, families), contentType: MetricsText.ContentType));
        return body!.ExecuteAsync(http);
    }
}
