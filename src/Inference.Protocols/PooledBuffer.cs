using System.Buffers;
using Inference.Tensors;

namespace Inference.Protocols;

/// <summary>A byte buffer in pooled memory that grows as it is written.</summary>
public sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = PooledBytes.Rent(capacity);

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Until more is written, or the buffer is disposed.</summary>
    public Memory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        if (_bytes.Length > 0)
            PooledBytes.Return(_bytes);
        _bytes = [];
    }

    private void EnsureRoom(int size)
    {
        if (_bytes.Length - Length >= size)
            return;
        var larger = PooledBytes.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)Length + size, 2L * _bytes.Length)));
        Written.CopyTo(larger);
        PooledBytes.Return(_bytes);
        _bytes = larger;
    }
}
