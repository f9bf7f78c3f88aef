using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// The rows of an output whose items differ in size, or whose elements are byte strings. The elements of all rows lie in one block of
/// memory, in the order of their arrival. An object for each row would be memory that <see cref="RequestMemory"/> does not count.
/// </summary>
public sealed class TensorRows : IDisposable
{
    private readonly ElementType _type;
    private readonly Shape _firstShape;
    private readonly TensorBuilder _elements;

    /// <summary>
    /// For each row: the offset of its first byte, the number of its bytes, and its dimensions. Only the first of several rows that were
    /// added together has an entry.
    /// </summary>
    private readonly RentedBytes _entries;
    private bool _isInOrder = true;
    private long _added;
    private int _isDisposed;

    /// <param name="first">The rows that are added first. Their type and their rank are those of all rows.</param>
    /// <param name="count">The number of rows.</param>
    /// <exception cref="InferenceException">The same as for <see cref="PooledBytes.Rent"/>.</exception>
    internal TensorRows(Tensor first, int count)
    {
        (_type, _firstShape, Count) = (first.Type, first.Shape, count);
        var bytes = (long)count * EntrySize * sizeof(long);
        if (bytes > Array.MaxLength)
            throw TensorBuilder.CreateTooLargeError();
        _entries = PooledBytes.Rent((int)bytes);
        _elements = new TensorBuilder(_type);
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The size of the rows and their dimensions in bytes.</summary>
    public long Size => (long)_elements.Written.Length + ((long)Count * EntrySize * sizeof(long));

    /// <summary>Whether all rows so far have the same shape, so that they form one tensor.</summary>
    public bool HaveOneShape { get; private set; } = true;

    private int EntrySize => 2 + _firstShape.Rank;

    /// <summary>Returns a row that was added on its own, as a view of shape [1, …].</summary>
    public Tensor this[int index] => Tensor.View(_type, new Shape(GetEntry(index)[2..]), GetElements(index));

    /// <summary>Adds a copy of rows.</summary>
    /// <param name="start">The index of the first of these rows.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the rows have another type or rank. Other errors are the same as for
    /// <see cref="TensorBuilder.AppendAll"/>.
    /// </exception>
    internal void Add(Tensor rows, int start)
    {
        if (rows.Type != _type || rows.Shape.Rank != _firstShape.Rank)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The model returned an output of type {rows.Type.Name()} and rank {rows.Shape.Rank} for one item, and {_type.Name()} and "
                + $"rank {_firstShape.Rank} for another. Send the items one by one.");
        }

        var entry = GetEntry(start);
        (entry[0], entry[1]) = (_elements.Written.Length, rows.Data.Length);
        rows.Shape.Dimensions.CopyTo(entry[2..]);
        _elements.AppendAll(rows);
        _isInOrder = _isInOrder && start == _added;
        _added += rows.Shape[0];
        HaveOneShape = HaveOneShape && rows.Shape.Dimensions[1..].SequenceEqual(_firstShape.Dimensions[1..]);
    }

    /// <summary>
    /// Moves all rows to one tensor in their order. Every row must have been added, and this object is then disposed.
    /// </summary>
    /// <exception cref="InferenceException">The same as for <see cref="PooledBytes.Rent"/>.</exception>
    internal Tensor MoveToTensor()
    {
        using (this)
        {
            var shape = _firstShape.WithFirst(Count);
            if (_isInOrder)
                return _elements.Build(shape);
            var ordered = PooledBytes.Rent(_elements.Written.Length);
            var length = 0;
            for (var row = 0; row < Count; row += (int)GetEntry(row)[2])
            {
                var elements = GetElements(row);
                elements.CopyTo(ordered.Memory[length..]);
                length += elements.Length;
            }

            return Tensor.FromRented(_type, shape, ordered, length);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _elements.Dispose();
        PooledBytes.Return(_entries);
    }

    private Memory<byte> GetElements(int index)
    {
        var entry = GetEntry(index);
        return _elements.Written.Slice((int)entry[0], (int)entry[1]);
    }

    private Span<long> GetEntry(int index) => MemoryMarshal.Cast<byte, long>(_entries.Span).Slice(index * EntrySize, EntrySize);
}
