using Functions.Hosting.Configuration;
using Functions.Predictions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Functions.Hosting;

/// <summary>
/// Limits and counts the web server's memory for connections: requests before a handler reads them, and responses before the client reads
/// them.
/// </summary>
internal sealed class ConnectionLimits(IOptions<KestrelServerOptions> server, Settings settings) : IStartupFilter
{
    /// <summary>
    /// The maximum number of bytes of a request that the server reads ahead, and of a response that the server buffers.
    /// </summary>
    private const int BufferSize = 64 << 10;

    /// <summary>Kestrel's default for the minimum rate of a request body, in bytes per second.</summary>
    private const double KestrelBytesPerSecond = 240;

    /// <summary>
    /// The maximum number of bytes that an HTTP/2 client can send before a handler reads them, for one call and for all calls of a
    /// connection.
    /// </summary>
    private const int StreamWindow = 256 << 10, ConnectionWindow = 512 << 10;

    /// <summary>Configures the limits of the web server, and counts the memory of its connections.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        services.Configure<KestrelServerOptions>(static server =>
        {
            var limits = server.Limits;
            limits.MaxRequestBufferSize = BufferSize;
            limits.MaxResponseBufferSize = BufferSize;
            // ResponseBody disconnects a client that reads slowly. This limit remains for responses that it does not write.
            limits.MinResponseDataRate = new MinDataRate(BodyRate.BytesPerSecond, TimeSpan.FromSeconds(BodyRate.GraceSeconds));
            // BodyRate refuses a slow body earlier, with an error that tells the client what to do. Kestrel's limit remains for bodies that
            // no handler reads.
            limits.MinRequestBodyDataRate = new MinDataRate(KestrelBytesPerSecond, TimeSpan.FromSeconds(2 * BodyRate.GraceSeconds));
            limits.Http2.InitialStreamWindowSize = StreamWindow;
            limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        });
        services.AddSingleton<IStartupFilter, ConnectionLimits>();
    }

    /// <summary>
    /// Sets the maximum number of connections. <see cref="AddTo"/> cannot read this setting: the server's options are created before the
    /// start, when an error in a setting cannot be reported yet.
    /// </summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        server.Value.Limits.MaxConcurrentConnections = settings.MaxConnections;
        return next;
    }
}
