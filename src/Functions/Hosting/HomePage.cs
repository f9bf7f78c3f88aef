using Functions.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Functions.Hosting;

/// <summary>
/// The page at the root of the standalone server. The page is not a function, because a Functions host has its own page at the root.
/// </summary>
internal sealed class HomePage : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(next => http => http.Request.Path == "/" ? ReadOnlyRoute.HandleAsync(http, PageFile.Index.ExecuteAsync) : next(http));
        next(app);
    };
}
