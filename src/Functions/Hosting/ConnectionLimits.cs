using Functions.Hosting.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Functions.Hosting;

/// <summary>Limits what connections take before and after a request is read, and counts it.</summary>
internal sealed class ConnectionLimits(IOptions<KestrelServerOptions> server, Settings settings) : IStartupFilter
{
    /// <summary>Bytes of a request that the server reads ahead, and of an answer that it holds back.</summary>
    private const int Buffer = 64 << 10;

    /// <summary>Bytes that an HTTP/2 client may send ahead, for one call and for all calls of a connection.</summary>
    private const int StreamWindow = 256 << 10, ConnectionWindow = 512 << 10;

    /// <summary>
    /// Bytes per second. A caller that reads an answer more slowly is disconnected, because the answer stays in memory until it is read.
    /// </summary>
    private const double LeastResponseRate = 4 << 10;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        services.Configure<KestrelServerOptions>(static server =>
        {
            var limits = server.Limits;
            limits.MaxRequestBufferSize = Buffer;
            limits.MaxResponseBufferSize = Buffer;
            limits.MinResponseDataRate = new MinDataRate(LeastResponseRate, Grace);
            limits.Http2.InitialStreamWindowSize = StreamWindow;
            limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        });
        services.AddSingleton<IStartupFilter, ConnectionLimits>();
    }

    /// <summary>
    /// Sets the limit that is a setting. The server's options are made before the start, where a wrong setting has no handler yet.
    /// </summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        server.Value.Limits.MaxConcurrentConnections = settings.MaxConnections;
        return next;
    }
}
