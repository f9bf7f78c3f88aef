using System.Buffers;
using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// Elements in row-major order in pooled memory, little-endian. <see cref="ElementType.Bytes"/> elements are packed as in the Open
/// Inference binary extension: a 32-bit little-endian length before each element's bytes. The owner of a tensor disposes it once, which
/// returns the memory. A view must not outlive the memory that it shares.
/// </summary>
public sealed class Tensor : IDisposable
{
    private object? _rented;

    private Tensor(ElementType type, Shape shape, RentedBytes rented, Memory<byte> data)
    {
        Type = type;
        Shape = shape;
        _rented = rented.Owner;
        Data = data;
    }

    public ElementType Type { get; }

    public Shape Shape { get; }

    /// <summary>The bytes of all elements.</summary>
    public Memory<byte> Data { get; }

    /// <summary>Returns the elements of a fixed-size type, as a <typeparamref name="T"/> of the same size.</summary>
    public Span<T> Values<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.Span);

    /// <summary>Creates a tensor of a fixed-size type, with undefined contents.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the tensor would exceed 2 GiB.</exception>
    public static Tensor Rent(ElementType type, Shape shape)
    {
        if (type == ElementType.Bytes)
            throw new ArgumentException("BYTES elements have no fixed size: use a TensorBuilder.", nameof(type));
        if (!shape.TryCount(out var elements) || elements > Array.MaxLength / type.Size())
        {
            throw InferenceException.InvalidRequest(
                $"A tensor of shape {shape} and type {type.Name()} is larger than 2 GiB.", ErrorReason.RequestTooLarge);
        }

        var length = (int)elements * type.Size();
        return FromRented(type, shape, PooledBytes.Rent(length), length);
    }

    /// <summary>Creates a tensor of a fixed-size type with a copy of the values, which must fill the shape.</summary>
    public static Tensor Create<T>(ElementType type, Shape shape, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var tensor = Rent(type, shape);
        values.CopyTo(tensor.Values<T>());
        return tensor;
    }

    /// <summary>
    /// Creates a tensor with its own copy of elements that have the layout of a tensor. For <see cref="ElementType.Bytes"/>, the caller
    /// verifies that the number of elements matches the shape.
    /// </summary>
    /// <exception cref="ArgumentException">The number of elements of a fixed-size type does not match the shape.</exception>
    public static Tensor CreateCopy(ElementType type, Shape shape, in ReadOnlySequence<byte> data)
    {
        if (data.Length > Array.MaxLength
            || (type != ElementType.Bytes && (!shape.TryCount(out var elements) || elements != data.Length / type.Size())))
        {
            throw new ArgumentException(
                $"The data ({Counted.Text(data.Length, "byte")}) do not form a tensor of {type.Name()} with shape {shape}.", nameof(data));
        }

        var length = (int)data.Length;
        var rented = PooledBytes.Rent(length);
        data.CopyTo(rented.Span);
        return FromRented(type, shape, rented, length);
    }

    /// <summary>
    /// Creates a tensor that owns <paramref name="rented"/>, whose first <paramref name="length"/> bytes are the elements.
    /// </summary>
    internal static Tensor FromRented(ElementType type, Shape shape, RentedBytes rented, int length) =>
        new(type, shape, rented, rented.Memory[..length]);

    /// <summary>
    /// Creates a view of elements in <paramref name="data"/> that have the layout of a tensor. The view shares the memory of
    /// <paramref name="data"/>, and must not outlive that memory.
    /// </summary>
    /// <exception cref="ArgumentException">The number of elements does not match the shape.</exception>
    public static Tensor View(ElementType type, Shape shape, Memory<byte> data)
    {
        var fits = shape.TryCount(out var elements) && (type == ElementType.Bytes
            ? PackedBytes.TryCount(data.Span, out var packed) && packed == elements
            : elements <= Array.MaxLength && elements * type.Size() == data.Length);
        return fits
            ? new Tensor(type, shape, default, data)
            : throw new ArgumentException(
                $"The data ({Counted.Text(data.Length, "byte")}) do not form a tensor of {type.Name()} with shape {shape}.", nameof(data));
    }

    /// <summary>Creates a view of all elements, which shares the memory.</summary>
    internal Tensor View() => new(Type, Shape, default, Data);

    /// <summary>Creates a copy of the tensor. The copy may outlive this tensor.</summary>
    public Tensor Copy()
    {
        var rented = PooledBytes.Rent(Data.Length);
        Data.CopyTo(rented.Memory);
        return FromRented(Type, Shape, rented, Data.Length);
    }

    /// <summary>Creates a view of the same elements in another shape with as many elements. The view shares the memory.</summary>
    /// <exception cref="ArgumentException">The shape has a different number of elements.</exception>
    internal Tensor Reshape(Shape shape) => shape.ElementCount == Shape.ElementCount
        ? new Tensor(Type, shape, default, Data)
        : throw new ArgumentException($"{Shape} and {shape} have different numbers of elements.", nameof(shape));

    /// <summary>
    /// Transfers the memory to a tensor of another shape with as many elements. This tensor is then a view and needs no disposal.
    /// </summary>
    /// <exception cref="ArgumentException">The shape has a different number of elements.</exception>
    internal Tensor MoveToShape(Shape shape) => shape.ElementCount == Shape.ElementCount
        ? new Tensor(Type, shape, Interlocked.Exchange(ref _rented, null) is { } owner ? new RentedBytes(owner) : default, Data)
        : throw new ArgumentException($"{Shape} and {shape} have different numbers of elements.", nameof(shape));

    /// <summary>
    /// Creates a view of <paramref name="count"/> rows along the first dimension. The view shares the memory. The rank must be at least 1.
    /// </summary>
    public Tensor Rows(long start, long count)
    {
        var rowElements = Shape.WithoutFirst.ElementCount;
        var (from, to) = Type == ElementType.Bytes
            ? (PackedBytes.Offset(Data.Span, start * rowElements), PackedBytes.Offset(Data.Span, (start + count) * rowElements))
            : ((int)(start * rowElements * Type.Size()), (int)((start + count) * rowElements * Type.Size()));
        return new Tensor(Type, Shape.WithFirst(count), default, Data[from..to]);
    }

    /// <summary>
    /// Creates a new tensor of all the rows of <paramref name="parts"/>, in order. The caller remains the owner of the parts.
    /// </summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the parts differ in type or in the shape of an item, or exceed 2 GiB together.
    /// </exception>
    public static Tensor Concatenate(IReadOnlyList<Tensor> parts)
    {
        var (rows, length) = (0L, 0L);
        foreach (var part in parts)
        {
            TensorSlices.ThrowIfDifferent(part, parts[0].Type, parts[0].Shape, axis: 0);
            rows += part.Shape[0];
            length += part.Data.Length;
        }

        if (length > Array.MaxLength)
            throw new InferenceException(InferenceError.RuntimeFailure, "The items' outputs together exceed 2 GiB: send fewer items.");
        var rented = PooledBytes.Rent((int)length);
        var offset = 0;
        foreach (var part in parts)
        {
            part.Data.CopyTo(rented.Memory[offset..]);
            offset += part.Data.Length;
        }

        return FromRented(parts[0].Type, parts[0].Shape.WithFirst(rows), rented, offset);
    }

    /// <summary>Returns the memory to the pool. Does nothing for a view.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } owner)
            PooledBytes.Return(new RentedBytes(owner));
    }
}
