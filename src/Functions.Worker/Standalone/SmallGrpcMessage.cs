using System.Buffers;
using System.Buffers.Binary;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Limits the messages that callers without a key may send to a gRPC method: the messages must be short and uncompressed. The limit is
/// checked before the message is read.
/// </summary>
internal static class SmallGrpcMessage
{
    /// <summary>The maximum size of a message in bytes.</summary>
    private const int Limit = 4 << 10;

    /// <summary>The size in bytes of a message's prefix, which contains a compression flag and the length.</summary>
    private const int PrefixSize = 5;

    /// <summary>The gRPC status codes RESOURCE_EXHAUSTED and UNIMPLEMENTED.</summary>
    private const string ResourceExhausted = "8", Unimplemented = "12";

    /// <summary>Finds the problem of a call; returns null when there is none.</summary>
    public static async ValueTask<(string Status, string Code, string Message)?> FindProblemAsync(HttpContext http)
    {
        if (http.Request.Headers["grpc-encoding"].ToString() is not ("" or "identity"))
        {
            return (
                Unimplemented,
                ProblemCodes.UnsupportedEncoding,
                "This method does not accept compressed messages. Send the message without compression (grpc-encoding: identity).");
        }

        var body = http.Request.BodyReader;
        var read = await body.ReadAtLeastAsync(PrefixSize, http.RequestAborted);
        var isLarge = read.Buffer.Length >= PrefixSize && LengthOf(read.Buffer) > Limit;
        body.AdvanceTo(read.Buffer.Start);
        return isLarge
            ? (ResourceExhausted, ProblemCodes.BodyTooLarge, $"The message is larger than {Limit} bytes, the limit of this method.")
            : null;
    }

    private static uint LengthOf(in ReadOnlySequence<byte> message)
    {
        Span<byte> prefix = stackalloc byte[PrefixSize];
        message.Slice(0, PrefixSize).CopyTo(prefix);
        return BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
    }
}
