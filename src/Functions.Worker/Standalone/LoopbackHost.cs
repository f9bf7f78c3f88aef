using System.Net;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Checks whether a Host header names this machine by a name that no DNS server resolves. Names such as <c>app.localhost</c> do not count,
/// because some systems resolve them with DNS.
/// </summary>
internal static class LoopbackHost
{
    private const string Name = "localhost";

    public static bool IsLoopback(HostString host)
    {
        var name = host.Host;
        return name.Equals(Name, StringComparison.OrdinalIgnoreCase)
            || name.Equals($"{Name}.", StringComparison.OrdinalIgnoreCase)
            // IPAddress also parses other notations, such as 127.1 and 0x7f000001. Only the usual notation counts.
            || (IPAddress.TryParse(name, out var address)
                && IPAddress.IsLoopback(address)
                && (name[0] == '[' || name == address.ToString()));
    }
}
