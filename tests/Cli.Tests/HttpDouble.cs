using System.Net;
using System.Net.Sockets;

namespace Cli.Tests;

/// <summary>A fake server or store on a free port of the loopback address. The test writes each response.</summary>
internal sealed class HttpDouble : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Action<HttpListenerContext> _answer;

    public HttpDouble(Action<HttpListenerContext> respond)
    {
        _answer = respond;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    public void Dispose() => _listener.Close();

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
            _answer(context);
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
