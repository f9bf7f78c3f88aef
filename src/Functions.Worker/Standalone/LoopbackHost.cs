using System.Net;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Tells whether a Host header names this machine by a name that no DNS server answers. The names below <c>localhost</c> are not among
/// them, because some systems ask DNS for them.
/// </summary>
internal static class LoopbackHost
{
    private const string Name = "localhost";

    public static bool IsLoopback(HostString host)
    {
        var name = host.Host;
        return name.Equals(Name, StringComparison.OrdinalIgnoreCase)
            || name.Equals($"{Name}.", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address)
                && IPAddress.IsLoopback(address)
                && (name[0] == '[' || name == address.ToString()));
    }
}
