using Functions.Hosting.Configuration;
using Functions.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting;

/// <summary>
/// <c>Http__BasePath</c>: the path under which a proxy serves this server. The server accepts requests with and without the path, because
/// some proxies remove the path. Links in responses contain the path.
/// </summary>
internal sealed class BasePath(IConfiguration configuration) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (Parse(configuration[KnownSettings.BasePath.Key]) is { HasValue: true } path)
            app.Use(next => http => next(Rebase(http, path)));
        next(app);
    };

    /// <summary>Returns the path without a slash at its end; empty when there is no path.</summary>
    /// <exception cref="InvalidOperationException">The text is not a path.</exception>
    public static PathString Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || text == "/")
            return PathString.Empty;
        return PublicAddress.IsPath(text.TrimEnd('/'))
            ? new PathString(text.TrimEnd('/'))
            : throw KnownSettings.BasePath.CreateError(text, "a path that begins with a slash, such as /inference");
    }

    private static HttpContext Rebase(HttpContext http, PathString path)
    {
        if (http.Request.Path.StartsWithSegments(path, out var rest))
            http.Request.Path = rest.HasValue ? rest : new PathString("/");
        http.Request.PathBase = path;
        return http;
    }
}
