using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Functions.Tests.Queues.Faults;

/// <summary>
/// A proxy between one server and one storage service. The proxy can be closed, and can run an action when a request passes.
/// </summary>
internal sealed class StorageGate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _connections = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isOpen = true;
    private volatile bool _isStopped;
    private Trap? _trap;

    public StorageGate(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether the proxy forwards. A closed proxy ends each connection at once.</summary>
    public bool IsOpen
    {
        get => _isOpen;
        set
        {
            _isOpen = value;
            if (!value)
                CloseAll();
        }
    }

    /// <summary>Runs an action once, at the next matching request.</summary>
    /// <param name="matches">Decides by the head of a request.</param>
    /// <param name="onAnswer">
    /// Whether to act when the response passes; otherwise the action runs before the request reaches the service.
    /// </param>
    public Task TrapAsync(Func<string, bool> matches, bool onAnswer, Action act)
    {
        var trap = new Trap(matches, onAnswer, act);
        Volatile.Write(ref _trap, trap);
        return trap.Sprung.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        _listener.Stop();
        CloseAll();
        await _accepting;
    }

    private void CloseAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Close();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(() => RelayAsync(client));
            }
            catch (SocketException) when (!_isStopped)
            {
                // A killed server has reset its connection before the proxy accepted it.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        _connections[client] = _connections[server] = true;
        try
        {
            if (!_isOpen)
                return;
            await server.ConnectAsync(IPAddress.Loopback, _target);
            var relay = new Relay(this);
            await Task.WhenAny(
                CopyAsync(client.GetStream(), server.GetStream(), relay.OnRequest),
                CopyAsync(server.GetStream(), client.GetStream(), _ => relay.OnAnswer()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One end closed its connection, or the gate was closed.
        }
        finally
        {
            _connections.TryRemove(client, out _);
            _connections.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Action<ReadOnlyMemory<byte>> look)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.ReadAsync(buffer) is var length and > 0)
            {
                look(buffer.AsMemory(0, length));
                await to.WriteAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One end closed its connection, or the gate was closed.
        }
    }

    private bool TrySpring(Trap trap)
    {
        if (Interlocked.CompareExchange(ref _trap, null, trap) != trap)
            return false;
        trap.Act();
        trap.Sprung.SetResult();
        return true;
    }

    /// <summary>Watches one connection, on which requests follow one another.</summary>
    private sealed class Relay(StorageGate gate)
    {
        private volatile Trap? _awaitsAnswer;

        public void OnRequest(ReadOnlyMemory<byte> data)
        {
            if (Volatile.Read(ref gate._trap) is not { } trap
                || !trap.Matches(Encoding.ASCII.GetString(data.Span[..Math.Min(data.Length, 1024)])))
            {
                return;
            }

            if (trap.OnAnswer)
                _awaitsAnswer = trap;
            else
                gate.TrySpring(trap);
        }

        public void OnAnswer()
        {
            if (_awaitsAnswer is not { } trap)
                return;
            _awaitsAnswer = null;
            gate.TrySpring(trap);
        }
    }

    private sealed record Trap(Func<string, bool> Matches, bool OnAnswer, Action Act)
    {
        public TaskCompletionSource Sprung { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
