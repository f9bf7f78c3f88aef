using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Functions.Worker.Hosting.Descriptors;

/// <summary>Registers the services that stop Kestrel from accepting connections while the process has no free file descriptor.</summary>
internal static class FileDescriptorServices
{
    /// <summary>
    /// Registers the services. Call this after Kestrel's own services are registered, because this method replaces their listener factory.
    /// </summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(provider => new FileDescriptorMonitor(
            FileDescriptors.Check, TimeProvider.System, provider.GetRequiredService<ILogger<FileDescriptorMonitor>>()));
        services.AddHostedService(provider => provider.GetRequiredService<FileDescriptorMonitor>());
        services.RemoveAll<IConnectionListenerFactory>();
        services.AddSingleton<IConnectionListenerFactory>(provider => new PausingListenerFactory(
            new SocketTransportFactory(
                provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()),
            provider.GetRequiredService<FileDescriptorMonitor>()));
    }
}
