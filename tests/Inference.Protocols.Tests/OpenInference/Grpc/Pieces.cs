using System.Buffers;

namespace Inference.Protocols.Tests.OpenInference.Grpc;

/// <summary>Creates sequences of several segments, as a connection delivers them.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

    public static ReadOnlySequence<byte> Of(byte[] bytes, int count)
    {
        var size = Math.Max(1, bytes.Length / count);
        var first = new Pieces(bytes.AsMemory(0, Math.Min(size, bytes.Length)), 0);
        var last = first;
        for (var start = first.Memory.Length; start < bytes.Length; start += last.Memory.Length)
        {
            var next = new Pieces(bytes.AsMemory(start, Math.Min(size, bytes.Length - start)), start);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
