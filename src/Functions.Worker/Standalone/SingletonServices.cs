using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Standalone;

/// <summary>The singleton services, which all invocations share. An invocation that uses only singletons needs no scope.</summary>
internal sealed class SingletonServices
{
    private readonly IServiceProvider _provider;
    private readonly HashSet<Type> _types = [];

    /// <param name="registrations">The registrations from which <paramref name="provider"/> was built.</param>
    public SingletonServices(IServiceCollection registrations, IServiceProvider provider)
    {
        _provider = provider;
        // The last registration of a type wins.
        foreach (var registration in registrations.Where(registration => !registration.IsKeyedService))
        {
            if (registration.Lifetime == ServiceLifetime.Singleton)
                _types.Add(registration.ServiceType);
            else
                _types.Remove(registration.ServiceType);
        }
    }

    public bool TryGet(Type type, [NotNullWhen(true)] out object? service)
    {
        service = _types.Contains(type) ? _provider.GetService(type) : null;
        return service is not null;
    }
}
