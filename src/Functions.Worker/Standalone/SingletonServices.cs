using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Standalone;

/// <summary>The singleton services, which all invocations share. An invocation that uses only singletons needs no scope.</summary>
internal sealed class SingletonServices
{
    private readonly IServiceProvider _services;
    private readonly HashSet<Type> _types = [];

    /// <param name="services">The registrations from which <paramref name="provider"/> was built.</param>
    public SingletonServices(IServiceCollection services, IServiceProvider provider)
    {
        _services = provider;
        // The last registration of a type wins.
        foreach (var service in services.Where(service => !service.IsKeyedService))
        {
            if (service.Lifetime == ServiceLifetime.Singleton)
                _types.Add(service.ServiceType);
            else
                _types.Remove(service.ServiceType);
        }
    }

    public bool TryGet(Type type, [NotNullWhen(true)] out object? service)
    {
        service = _types.Contains(type) ? _services.GetService(type) : null;
        return service is not null;
    }
}
