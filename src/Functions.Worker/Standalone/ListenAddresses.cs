using System.Net;
using Functions.Worker.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>Where the server listens.</summary>
internal static class ListenAddresses
{
    private const string Default = "http://127.0.0.1:7071";

    public static IReadOnlyList<BindingAddress> Read(IConfiguration settings)
    {
        var text = settings["urls"] is { Length: > 0 } urls ? urls : Default;
        var addresses = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).ToList();
        return addresses.Count > 0 ? addresses : throw new StartupException("--urls names no address.");
    }

    /// <summary>Whether only this machine can reach the address.</summary>
    public static bool IsLoopback(BindingAddress address) =>
        address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static BindingAddress Parse(string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            // A port that is no number stays in the host.
            var hasPort = address.IsUnixPipe || address.Host.StartsWith('[') || !address.Host.Contains(':', StringComparison.Ordinal);
            if (address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && address.PathBase.Length == 0 && hasPort)
                return address;
        }
        catch (FormatException)
        {
            // Told below, with an example.
        }

        throw new StartupException($"'{text}' in --urls is not an address to listen on: write http://host:port, such as {Default}.");
    }
}
