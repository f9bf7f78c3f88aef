using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Inference.Tensors;
using Microsoft.AspNetCore.Connections;

namespace Functions.Hosting;

/// <summary>
/// The blocks of memory that connections are read into and written from, counted with the memory of requests. Nothing is refused here,
/// where a refusal would end a connection: requests are, when they take memory.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>Bytes, as the server's own pool has them.</summary>
    private const int BlockSize = 4096;

    private readonly ConcurrentQueue<Block> _idle = new();

    public ConnectionMemory() => RequestMemory.Register(() => (long)_idle.Count * BlockSize, Trim);

    public override int MaxBufferSize => BlockSize;

    /// <summary>One pool for all connections: what one does not use is there for the others.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (_idle.TryDequeue(out var block))
            return block;
        RequestMemory.Add(BlockSize);
        return new Block(this);
    }

    /// <summary>The server disposes the pool when it stops; blocks that are still in use are returned later.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private long Trim()
    {
        var bytes = 0L;
        for (; _idle.TryDequeue(out _); bytes += BlockSize)
        {
        }

        return bytes;
    }

    private sealed class Block(ConnectionMemory pool) : IMemoryOwner<byte>
    {
        /// <summary>Pinned, so that the socket need not pin it for each operation.</summary>
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        public void Dispose() => pool._idle.Enqueue(this);
    }
}
