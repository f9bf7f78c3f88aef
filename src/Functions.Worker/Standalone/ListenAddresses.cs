using System.Net;
using Functions.Worker.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>Reads and checks the addresses that the server listens on.</summary>
internal static class ListenAddresses
{
    private const string Default = "http://127.0.0.1:7071";

    private static readonly string[] OtherSettings =
        [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey, WebHostDefaults.PreferHostingUrlsKey];

    /// <summary>Reads the addresses in the setting urls; default: port 7071 of this machine only.</summary>
    /// <exception cref="StartupException">The setting contains no address, or something other than addresses.</exception>
    public static IReadOnlyList<BindingAddress> Read(IConfiguration settings) =>
        Read(settings["urls"] is { Length: > 0 } urls ? urls : Default, "--urls");

    /// <summary>Reads the addresses that serve only gRPC.</summary>
    public static IReadOnlyList<BindingAddress> ReadGrpc(IConfiguration settings) =>
        Read(settings[GrpcEndpoints.UrlsSetting]!, "--grpc-urls");

    /// <summary>
    /// Turns off ASP.NET Core's other settings for addresses. <c>HTTP_PORTS</c> and <c>HTTPS_PORTS</c> would add addresses on all
    /// interfaces. <c>PREFERHOSTINGURLS</c> would make the server ignore the addresses that <see cref="Listen"/> adds.
    /// </summary>
    public static void ClearOtherSettings(IConfiguration settings)
    {
        foreach (var key in OtherSettings)
            settings[key] = "";
    }

    /// <summary>Checks that only this machine can reach the addresses of a standalone server without a function key.</summary>
    /// <exception cref="StartupException">Another machine can reach an address.</exception>
    public static void ThrowIfNotLoopback(IEnumerable<string> addresses) => ThrowIfNotLoopback(
        addresses,
        "and Keys__Function is not set. Set Keys__Function, or allow callers without a key with --allow-anonymous.");

    /// <summary>Checks that only this machine can reach the addresses of an app under a Functions host.</summary>
    /// <exception cref="StartupException">Another machine can reach an address.</exception>
    public static void ThrowIfNotLoopbackUnderHost(IEnumerable<string> addresses) => ThrowIfNotLoopback(
        addresses,
        "but only the Functions host on this machine may reach the app. Remove the address from the options of Kestrel in the app's code.");

    private static void ThrowIfNotLoopback(IEnumerable<string> addresses, string problem)
    {
        if (addresses.FirstOrDefault(address => !IsLoopback(BindingAddress.Parse(address))) is { } reachable)
            throw new StartupException($"{reachable} can be reached from other machines, {problem}");
    }

    /// <summary>
    /// Makes Kestrel listen on the address with the given protocols. The host is resolved by the same rules as in Kestrel's own addresses.
    /// </summary>
    public static void Listen(KestrelServerOptions kestrel, BindingAddress address, HttpProtocols protocols)
    {
        if (address.IsUnixPipe)
            kestrel.ListenUnixSocket(address.UnixPipePath, Configure);
        else if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            kestrel.ListenLocalhost(address.Port, Configure);
        else if (IPAddress.TryParse(address.Host, out var ip))
            kestrel.Listen(ip, address.Port, Configure);
        else
            kestrel.ListenAnyIP(address.Port, Configure);

        void Configure(ListenOptions listen) => listen.Protocols = protocols;
    }

    /// <summary>Whether only this machine can reach the address.</summary>
    public static bool IsLoopback(BindingAddress address) =>
        address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static List<BindingAddress> Read(string text, string argument)
    {
        var addresses = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(address => Parse(address, argument)).ToList();
        return addresses.Count > 0
            ? addresses
            : throw new StartupException($"{argument} contains no address; write http://host:port, such as {Default}.");
    }

    private static BindingAddress Parse(string text, string argument)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            // When a port is not a number, BindingAddress treats it as part of the host.
            var hasPort = address.IsUnixPipe || address.Host is ['[', .., ']'] || !address.Host.Contains(':', StringComparison.Ordinal);
            if (!hasPort || address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                throw new StartupException(
                    $"'{text}' in {argument} has no valid port: a port is a number from 1 to {IPEndPoint.MaxPort}, "
                    + $"or 0 for any free one, such as {Default}.");
            }

            if (address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && address.PathBase.Length == 0)
                return address;
        }
        catch (FormatException)
        {
            // The exception below reports the malformed address, with an example.
        }

        throw new StartupException($"'{text}' in {argument} is not an address to listen on: write http://host:port, such as {Default}.");
    }
}
