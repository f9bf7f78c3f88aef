using System.Buffers;
using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// A block of memory outside the garbage collector's heap. Freeing a block returns its pages to the system at once and, unlike a
/// collection, stops no threads.
/// </summary>
internal sealed unsafe partial class NativeBytes : MemoryManager<byte>
{
    // Constants of mmap and mremap on Linux: PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MREMAP_MAYMOVE and MAP_FAILED.
    private const int ReadAndWrite = 3;
    private const int PrivateAndAnonymous = 0x22;
    private const int MayMove = 1;
    private const nint Failed = -1;

    private byte* _start;
    private int _isRented = 1;

    private NativeBytes(byte* start, int length)
    {
        _start = start;
        Length = length;
    }

    /// <summary>The length of the block in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Allocates a block with undefined contents.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no memory for the block.</exception>
    public static NativeBytes Allocate(int length)
    {
        // The C library's allocator would keep freed blocks of this size for an unknown time. A separate mapping returns its memory to the
        // system when the block is freed.
        if (!OperatingSystem.IsLinux())
            return new NativeBytes((byte*)NativeMemory.Alloc((nuint)length), length);
        var start = Map(0, (nuint)length, ReadAndWrite, PrivateAndAnonymous, -1, 0);
        return start != Failed
            ? new NativeBytes((byte*)start, length)
            : throw new InsufficientMemoryException($"The system does not have {length} bytes of free memory.");
    }

    /// <summary>
    /// Extends the block and keeps its contents. The system moves the pages instead of copying them. Spans and pins of the block become
    /// invalid.
    /// </summary>
    /// <returns>Whether the block was extended. Systems other than Linux cannot extend a block.</returns>
    public bool TryExtend(int length)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var start = Remap((nint)_start, (nuint)Length, (nuint)length, MayMove);
        if (start == Failed)
            return false;
        _start = (byte*)start;
        Length = length;
        return true;
    }

    /// <summary>Starts a new use of a block after its last use has ended.</summary>
    public void Rent() => _isRented = 1;

    /// <summary>Ends the use of the block.</summary>
    /// <exception cref="InvalidOperationException">The use has ended already.</exception>
    public void EndRent()
    {
        if (Interlocked.Exchange(ref _isRented, 0) == 0)
            throw new InvalidOperationException("Memory was returned twice. This is a bug.");
    }

    /// <summary>Returns the memory to the system. Nothing may use the block any more.</summary>
    /// <exception cref="InvalidOperationException">The system refuses to unmap the block, which is a bug.</exception>
    public void Free()
    {
        var start = _start;
        _start = null;
        if (!OperatingSystem.IsLinux())
            NativeMemory.Free(start);
        else if (Unmap((nint)start, (nuint)Length) != 0)
            throw new InvalidOperationException($"munmap failed with {Marshal.GetLastPInvokeError()}. This is a bug.");
    }

    /// <exception cref="ObjectDisposedException">The use of the block has ended.</exception>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_isRented == 0, this);
        return new Span<byte>(_start, Length);
    }

    /// <exception cref="ObjectDisposedException">The use of the block has ended.</exception>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_isRented == 0, this);
        return new MemoryHandle(_start + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    /// <summary>Does nothing: <see cref="PooledBytes"/> owns the block.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mremap", SetLastError = true)]
    private static partial nint Remap(nint address, nuint oldLength, nuint newLength, int flags);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
