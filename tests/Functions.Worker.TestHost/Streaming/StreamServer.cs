using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>The gRPC server of the host: HTTP/2 without TLS on a free loopback port, for messages of any size.</summary>
internal static class StreamServer
{
    public static async Task<WebApplication> StartAsync(WorkerStream stream)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(stream).AddSingleton<EventStreamService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = null;
            grpc.MaxSendMessageSize = null;
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<EventStreamService>();
        await app.StartAsync();
        return app;
    }
}
