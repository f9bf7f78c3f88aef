using System.Numerics;
using Functions.Predictions;
using Grpc.Core;
using Inference;
using Inference.Diagnostics;
using Inference.Tensors;

namespace Functions.Grpc;

/// <summary>
/// Counts the memory of the buffer into which gRPC decompresses a message. The buffer doubles when it grows. gRPC parses the message on the
/// same thread right after decompression, so the count of an unparsed message is kept per thread.
/// </summary>
internal sealed class CountedStream(Stream decompressed) : ReadOnlyStream
{
    /// <summary>The counted bytes of the message that was decompressed on this thread and is not parsed yet.</summary>
    [ThreadStatic]
    private static int _pendingBytes;

    private long _readBytes;
    private int _capacity;
    private bool _isComplete;

    /// <summary>Releases the counted bytes of this thread's message. Call this after the message was parsed.</summary>
    public static void EndMessage()
    {
        if (_pendingBytes > 0)
            RequestMemory.Abandon(_pendingBytes);
        _pendingBytes = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = Decompress(buffer);
        _isComplete = read == 0;
        _readBytes += read;
        if (_readBytes > _capacity)
            Grow();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        decompressed.Dispose();
        EndMessage();
        _pendingBytes = _capacity;
        if (!_isComplete)
            EndMessage();
        _capacity = 0;
    }

    private int Decompress(Span<byte> buffer)
    {
        try
        {
            return decompressed.Read(buffer);
        }
        catch (InvalidDataException)
        {
            throw GrpcErrors.Create(
                StatusCode.Internal, ErrorCodes.For(InferenceError.InvalidRequest),
                "The message is damaged: it cannot be decompressed by its encoding in \"grpc-encoding\". Send the message again.");
        }
    }

    private void Grow()
    {
        var capacity = (int)Math.Min((ulong)Array.MaxLength, BitOperations.RoundUpToPowerOf2((ulong)_readBytes));
        try
        {
            RequestMemory.Charge(capacity);
        }
        catch (InferenceException e)
        {
            throw GrpcErrors.From(e);
        }

        RequestMemory.Abandon(_capacity);
        _capacity = capacity;
    }
}
