using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Aborts the connection of a client that reads a response too slowly, because the response keeps its memory in use. The checks begin when
/// the server first waits for the client. The web server's own minimum rate is an average from the first byte on: a client whose system
/// takes the first megabytes at once could then stop for hours. This class counts the bytes that the client's system has acknowledged. An
/// accepted write would show nothing, because the server's system accepts more only after it has sent a large part of its buffer.
/// </summary>
internal sealed class ReadingRate : IAsyncDisposable
{
    /// <summary>The number of bytes that the client must read within <see cref="Period"/>.</summary>
    public const int BytesPerPeriod = BodyRate.BytesPerSecond * BodyRate.GraceSeconds;

    // From linux/tcp.h: the option with the struct tcp_info, and the offset of tcpi_bytes_acked.
    private const int TcpLevel = 6, TcpInfo = 11, BytesAckedOffset = 120;

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(BodyRate.GraceSeconds);

    private readonly Func<long?> _readAcknowledged;
    private readonly Action _abort;
    private readonly ITimer _timer;
    private long _acknowledged;

    /// <summary>Starts the checks.</summary>
    /// <param name="readAcknowledged">Returns the number of bytes that the client has acknowledged; null when it is not known.</param>
    public ReadingRate(Func<long?> readAcknowledged, Action abort, TimeProvider time)
    {
        (_readAcknowledged, _abort) = (readAcknowledged, abort);
        _acknowledged = readAcknowledged() ?? 0;
        _timer = time.CreateTimer(static rate => ((ReadingRate)rate!).Check(), this, Period, Period);
    }

    /// <summary>
    /// Starts the checks for a connection. Returns null when the acknowledged bytes are not known: on systems other than Linux, and for a
    /// connection that is not a socket.
    /// </summary>
    public static ReadingRate? TryCreate(HttpContext http) =>
        OperatingSystem.IsLinux() && http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket
            && ReadAcknowledged(socket) is not null
            ? new ReadingRate(() => ReadAcknowledged(socket), http.Abort, TimeProvider.System)
            : null;

    /// <summary>Ends the checks, and waits for a running check, because the context may then serve the connection's next request.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private static long? ReadAcknowledged(Socket socket)
    {
        Span<byte> info = stackalloc byte[BytesAckedOffset + sizeof(long)];
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length
                ? BinaryPrimitives.ReadInt64LittleEndian(info[BytesAckedOffset..])
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has ended, or it is not a TCP connection.
            return null;
        }
    }

    private void Check()
    {
        if (_readAcknowledged() is not { } acknowledged)
            return;
        if (acknowledged - _acknowledged < BytesPerPeriod)
            _abort();
        _acknowledged = acknowledged;
    }
}
