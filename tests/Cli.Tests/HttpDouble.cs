using System.Net;
using System.Net.Sockets;

namespace Cli.Tests;

/// <summary>A server or a store that answers whatever a test wants, on a free port of the loopback address.</summary>
internal sealed class HttpDouble : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Action<HttpListenerContext> _answer;

    public HttpDouble(Action<HttpListenerContext> answer)
    {
        _answer = answer;
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
            // Dispose would close the connection without a word, and the next request of the command could be on its way there.
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // The command has left.
            context.Response.Abort();
        }
    }
}
