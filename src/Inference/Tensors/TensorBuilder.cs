using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// Collects an unknown number of elements in pooled memory that grows. The owner calls <see cref="Build"/>, or <see cref="Dispose"/> when
/// the elements are not needed.
/// </summary>
/// <param name="capacity">The expected size of the data in bytes. The memory grows beyond this size when needed.</param>
public sealed class TensorBuilder(ElementType type, int capacity = 0) : IDisposable
{
    private const int InitialBytes = 1024;

    private RentedBytes _buffer = PooledBytes.Rent(Math.Max(capacity, InitialBytes));
    private int _length;

    public ElementType Type { get; } = type;

    /// <summary>The number of elements so far.</summary>
    public long Count { get; private set; }

    /// <summary>The bytes of the elements so far. The memory is valid until the next element.</summary>
    internal Memory<byte> Written => _buffer.Memory[.._length];

    /// <summary>Appends one element of the builder's type, which must have the size of <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append<T>(T value)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (_buffer.Length - _length < size)
            Grow(size);
        MemoryMarshal.Write(_buffer.Span[_length..], in value);
        _length += size;
        Count++;
    }

    /// <summary>
    /// Returns memory for the next elements: at least one, and no more than <paramref name="limit"/>. <see cref="Commit"/> appends the
    /// elements.
    /// </summary>
    public Span<T> Reserve<T>(long limit)
        where T : unmanaged
    {
        if (_buffer.Length - _length < Unsafe.SizeOf<T>())
            Grow(Unsafe.SizeOf<T>());
        var free = MemoryMarshal.Cast<byte, T>(_buffer.Span[_length..]);
        return free.Length > limit ? free[..(int)limit] : free;
    }

    /// <summary>Appends elements that were written to the memory of <see cref="Reserve"/>.</summary>
    public void Commit<T>(int elements)
        where T : unmanaged
    {
        _length += elements * Unsafe.SizeOf<T>();
        Count += elements;
    }

    /// <summary>Appends elements of a fixed size, in their representation in memory.</summary>
    public void AppendElements(ReadOnlySpan<byte> elements) => Append(elements, elements.Length / Type.Size());

    /// <summary>Appends all elements of a tensor of the builder's type.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the elements exceed 2 GiB. Other errors are the same as for
    /// <see cref="PooledBytes.Rent"/>.
    /// </exception>
    public void AppendAll(Tensor tensor) => Append(tensor.Data.Span, tensor.Shape.ElementCount);

    /// <summary>Appends one element of the type <see cref="ElementType.Bytes"/>.</summary>
    public void AppendBytes(ReadOnlySpan<byte> element)
    {
        element.CopyTo(ReserveBytes(element.Length));
        CommitBytes(element.Length);
    }

    /// <summary>
    /// Returns room for one byte string of at most <paramref name="maxLength"/> bytes, which <see cref="CommitBytes"/> appends.
    /// </summary>
    public Span<byte> ReserveBytes(int maxLength)
    {
        if (_buffer.Length - _length < PackedBytes.PrefixSize + maxLength)
            Grow(PackedBytes.PrefixSize + maxLength);
        return _buffer.Span.Slice(_length + PackedBytes.PrefixSize, maxLength);
    }

    /// <summary>Appends the byte string that was written to the memory of <see cref="ReserveBytes"/>.</summary>
    public void CommitBytes(int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Span[_length..], (uint)length);
        _length += PackedBytes.PrefixSize + length;
        Count++;
    }

    /// <summary>Transfers the memory to a tensor. The builder is then empty and needs no disposal.</summary>
    /// <exception cref="InvalidOperationException">The shape has a different number of elements, which is a bug.</exception>
    public Tensor Build(Shape shape)
    {
        if (shape.ElementCount != Count)
            throw new InvalidOperationException($"{Count} elements do not make a tensor of shape {shape}. This is a bug.");
        var buffer = _buffer;
        _buffer = default;
        return Tensor.FromRented(Type, shape, buffer, _length);
    }

    public void Dispose()
    {
        PooledBytes.Return(_buffer);
        _buffer = default;
    }

    private void Append(ReadOnlySpan<byte> elements, long count)
    {
        if (_buffer.Length - _length < elements.Length)
            Grow(elements.Length);
        elements.CopyTo(_buffer.Span[_length..]);
        _length += elements.Length;
        Count += count;
    }

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the elements exceed 2 GiB. Other errors are the same as for
    /// <see cref="PooledBytes.Rent"/>.
    /// </exception>
    private void Grow(int size)
    {
        var needed = (long)_length + size;
        if (needed > Array.MaxLength)
        {
            throw InferenceException.InvalidRequest(
                "The request needs a tensor of more than 2 GiB: send fewer or smaller items at once.", ErrorReason.RequestTooLarge);
        }

        _buffer = PooledBytes.Grow(_buffer, _length, (int)needed);
    }
}
