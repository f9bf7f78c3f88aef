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
            {
                using var response = await AnswerAsync();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task<HttpListenerResponse> AnswerAsync()
    {
        var context = await _listener.GetContextAsync();
        try
        {
            _answer(context);
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // The command has left.
        }

        return context.Response;
    }
}
