using Functions.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Functions.Worker.Standalone;

/// <summary>
/// Decides which web pages may call the standalone server, before any other part of the app handles the request. When keys are set, a page
/// cannot call without a key, so the server only needs to respond to preflights.
/// </summary>
internal sealed class BrowserAccess(IConfiguration settings, bool allowAnonymous) : IStartupFilter
{
    /// <summary>
    /// Response headers that scripts of other origins may read. Without this list, browsers show such scripts only a few headers, such as
    /// Content-Type.
    /// </summary>
    private static readonly string[] ExposedHeaders =
        ["Allow", Problem.CodeHeader, "Inference-Header-Content-Length", "Location", "Retry-After"];

    /// <summary>How long a browser may cache the response to a preflight.</summary>
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Registers the filter. Call this before other filters are registered, because the first filter is the outermost one.
    /// </summary>
    public static void AddTo(IServiceCollection services, IConfiguration settings, bool allowAnonymous)
    {
        if (!string.IsNullOrWhiteSpace(settings[CorsOrigins.Setting]))
            services.AddCors();
        services.AddSingleton<IStartupFilter>(provider => new BrowserAccess(provider.GetRequiredService<IConfiguration>(), allowAnonymous));
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var origins = CorsOrigins.Read(settings);
        if (!AccessKeys.From(settings).AreSet)
            app.Use(new BrowserGuard(isLocal: !allowAnonymous, origins).InvokeAsync);
        if (origins is { AllowsAny: false })
            app.Use(VaryByOriginAsync);
        if (origins is not null)
            UseCors(app, origins);
        next(app);
    };

    /// <summary>
    /// Adds <c>Vary: Origin</c> to every response, because the CORS headers depend on the origin of the request. Without this header, a
    /// cache could give the response for one origin to a page of another. ASP.NET Core omits it for a single origin, and when the request
    /// has none.
    /// </summary>
    private static Task VaryByOriginAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(
            static response =>
            {
                var headers = ((HttpResponse)response).Headers;
                if (!headers.Vary.ToString().Contains(HeaderNames.Origin, StringComparison.OrdinalIgnoreCase))
                    headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                return Task.CompletedTask;
            },
            http.Response);
        return next(http);
    }

    private static void UseCors(IApplicationBuilder app, CorsOrigins origins) => app.UseCors(policy =>
    {
        if (origins.AllowsAny)
            policy.AllowAnyOrigin();
        else
            policy.WithOrigins([.. origins.Named]);
        policy.AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(PreflightAge);
    });
}
