using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Inference.Testing;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>
/// Sends a gRPC call frame by frame. .NET's clients do not show which frame ended the stream, but other clients require the headers to end
/// it.
/// </summary>
internal static class RawHttp2
{
    private const int FrameHeader = 9, Stream = 1;
    private const byte Data = 0, Headers = 1, Settings = 4, EndStream = 1, EndHeaders = 4;

    /// <summary>Calls a method with an empty message. Returns whether the first headers of the response end its stream.</summary>
    public static async Task<bool> HeadersEndStreamAsync(Uri address, string path)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, limit.Token);
        var connection = client.GetStream();
        byte[] headers =
        [
            .. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":path", path), .. Field(":authority", address.Authority),
            .. Field("content-type", "application/grpc"), .. Field("te", "trailers"),
        ];
        byte[] call =
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []),
            .. Frame(Headers, EndHeaders, Stream, headers), .. Frame(Data, EndStream, Stream, new byte[5]),
        ];
        await connection.WriteAsync(call, limit.Token);
        var frame = new byte[FrameHeader];
        while (true)
        {
            await connection.ReadExactlyAsync(frame, limit.Token);
            if (frame[3] == Headers)
                return (frame[4] & EndStream) != 0;
            await connection.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(frame) >> 8], limit.Token);
        }
    }

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    /// <summary>Encodes a header field with its name, without indexing (RFC 7541, section 6.2.2).</summary>
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
