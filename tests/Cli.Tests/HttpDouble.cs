using System.Net;
using System.Net.Sockets;

namespace Cli.Tests;

/// <summary>A fake server or store on a free port of the loopback address. A delegate of the test writes each response.</summary>
internal sealed class HttpDouble : IDisposable
{
    /// <summary>The maximum number of ports that are tried.</summary>
    private const int MaxPorts = 20;

    private readonly HttpListener _listener;
    private readonly Action<HttpListenerContext> _respond;

    public HttpDouble(Action<HttpListenerContext> respond)
    {
        _respond = respond;
        (_listener, Address) = Listen();
        _ = ServeAsync();
    }

    public string Address { get; }

    public void Dispose() => _listener.Close();

    /// <summary>Listens on a free port. Tries another port when another program takes the port before the listener does.</summary>
    private static (HttpListener Listener, string Address) Listen()
    {
        for (var attempt = 1; ; attempt++)
        {
            var address = FindFreeAddress();
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (attempt < MaxPorts)
            {
                listener.Close();
            }
        }
    }

    /// <summary>Returns an address with a port that is free at the moment.</summary>
    private static string FindFreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync()
    {
        var context = await _listener.GetContextAsync();
        try
        {
            _respond(context);
            // Dispose would cut the connection, on which the next request of the command may already be on its way.
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // The command closed the connection.
            context.Response.Abort();
        }
    }
}
