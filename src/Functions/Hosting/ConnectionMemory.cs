using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Inference.Tensors;
using Microsoft.AspNetCore.Connections;

namespace Functions.Hosting;

/// <summary>
/// The pool of memory blocks for the data that the web server reads from and writes to connections. The blocks count towards the memory of
/// requests. The pool never refuses a block, because a refused block would end the connection. When memory is short, requests are refused
/// instead.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>The size of a block in bytes, as in the server's own pool.</summary>
    private const int BlockSize = 4096;

    private readonly ConcurrentQueue<Block> _idle = new();

    public ConnectionMemory() => RequestMemory.RegisterConnectionPool(() => (long)_idle.Count * BlockSize, Trim);

    public override int MaxBufferSize => BlockSize;

    /// <summary>Returns this pool. All connections share the pool, so that they reuse each other's free blocks.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (_idle.TryDequeue(out var block))
            return block;
        RequestMemory.AddUnchecked(BlockSize);
        return new Block(this);
    }

    /// <summary>Does nothing, because connections may still use blocks when the server disposes its pool.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>Drops all idle blocks; returns their size in bytes.</summary>
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
        /// <summary>
        /// The block's memory. The array is pinned at its allocation, so that the socket need not pin memory for each operation.
        /// </summary>
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        public void Dispose() => pool._idle.Enqueue(this);
    }
}
