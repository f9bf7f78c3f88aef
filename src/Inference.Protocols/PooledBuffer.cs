using System.Buffers;
using Inference.Tensors;

namespace Inference.Protocols;

/// <summary>
/// A byte buffer in pooled memory that grows as it is written. It throws an <see cref="InferenceException"/> when its content exceeds the
/// memory for requests, or the maximum of an array, which is 2 GiB.
/// </summary>
public sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private RentedBytes _bytes = PooledBytes.Rent(capacity);

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The written bytes. The memory is valid until more is written or the buffer is disposed.</summary>
    public Memory<byte> Written => _bytes.Memory[..Length];

    /// <summary>Removes the content and keeps the memory.</summary>
    public void Clear() => Length = 0;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _bytes.Memory[Length..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _bytes.Span[Length..];
    }

    public void Dispose()
    {
        PooledBytes.Return(_bytes);
        _bytes = default;
    }

    private void EnsureRoom(int size)
    {
        if (_bytes.Length - Length >= size)
            return;
        if (Array.MaxLength - Length < size)
        {
            throw InferenceException.InvalidRequest(
                "The request or its response is longer than 2 GiB as one text. Send fewer or smaller items at once, or use a binary format.",
                ErrorReason.RequestTooLarge);
        }

        _bytes = PooledBytes.Grow(_bytes, Length, (int)Math.Min(Array.MaxLength, (long)Length + size));
    }
}
