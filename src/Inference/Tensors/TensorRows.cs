using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// The rows of an output whose items differ in size, or whose elements are byte strings. The elements of all rows lie in one block of
/// memory, in the order of their arrival. An object for each row would be memory that <see cref="RequestMemory"/> does not count.
/// </summary>
public sealed class TensorRows : IDisposable
{
    /// <summary>The numbers of an entry before its dimensions.</summary>
    private const int Start = 0, Offset = 1, Length = 2, Dimensions = 3;

    private readonly ElementType _type;
    private readonly Shape _firstShape;
    private readonly TensorBuilder _elements;

    /// <summary>
    /// An entry for each call of <see cref="Add"/>: the index of the first row, the offset of the first byte, the number of bytes, and the
    /// dimensions.
    /// </summary>
    private TensorBuilder _entries = new(ElementType.Int64);

    /// <summary>Whether the rows arrived in their order.</summary>
    private bool _isInOrder = true;
    private bool _areEntriesSorted = true;
    private long _rowCount;

    /// <param name="first">The rows that are added first. Their type and their rank are those of all rows.</param>
    internal TensorRows(Tensor first)
    {
        (_type, _firstShape) = (first.Type, first.Shape);
        _elements = new TensorBuilder(_type);
    }

    /// <summary>The number of rows.</summary>
    public int Count => (int)_rowCount;

    /// <summary>The size of the rows and their dimensions in bytes.</summary>
    public long Size => (long)_elements.Written.Length + _entries.Written.Length;

    /// <summary>Whether all rows so far have the same shape, so that they form one tensor.</summary>
    public bool HaveOneShape { get; private set; } = true;

    private int EntrySize => Dimensions + _firstShape.Rank;

    /// <summary>
    /// Returns a row as a view of shape [1, …]. Every row must have been added separately, and <see cref="Sort"/> must have been called.
    /// </summary>
    public Tensor this[int index] => Tensor.View(_type, new Shape(GetEntry(index)[Dimensions..]), GetElements(index));

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

        _entries.Append((long)start);
        _entries.Append((long)_elements.Written.Length);
        _entries.Append((long)rows.Data.Length);
        foreach (var size in rows.Shape.Dimensions)
            _entries.Append(size);
        _elements.AppendAll(rows);
        _isInOrder = _areEntriesSorted = _isInOrder && start == _rowCount;
        _rowCount += rows.Shape[0];
        HaveOneShape = HaveOneShape && rows.Shape.Dimensions[1..].SequenceEqual(_firstShape.Dimensions[1..]);
    }

    /// <summary>Brings the entries into the order of the rows. Call this after the last <see cref="Add"/>.</summary>
    /// <exception cref="InferenceException">The same as for <see cref="PooledBytes.Rent"/>.</exception>
    internal void Sort()
    {
        if (_areEntriesSorted)
            return;
        var count = (int)(_entries.Count / EntrySize);
        var memory = PooledBytes.Rent(2 * count * sizeof(int));
        try
        {
            var starts = MemoryMarshal.Cast<byte, int>(memory.Span)[..count];
            var positions = MemoryMarshal.Cast<byte, int>(memory.Span).Slice(count, count);
            for (var i = 0; i < count; i++)
                (starts[i], positions[i]) = ((int)GetEntry(i)[Start], i);
            starts.Sort(positions);
            var sorted = new TensorBuilder(ElementType.Int64, _entries.Written.Length);
            foreach (var position in positions)
                sorted.AppendElements(MemoryMarshal.AsBytes(GetEntry(position)));
            _entries.Dispose();
            (_entries, _areEntriesSorted) = (sorted, true);
        }
        finally
        {
            PooledBytes.Return(memory);
        }
    }

    /// <summary>
    /// Moves all rows to one tensor in their order. Every row must have been added, and this object is then disposed.
    /// </summary>
    /// <exception cref="InferenceException">The same as for <see cref="PooledBytes.Rent"/>.</exception>
    internal Tensor MoveToTensor()
    {
        using (this)
        {
            var shape = _firstShape.WithFirst(_rowCount);
            if (_isInOrder)
                return _elements.Build(shape);
            Sort();
            var ordered = PooledBytes.Rent(_elements.Written.Length);
            var length = 0;
            for (var i = 0; i < _entries.Count / EntrySize; i++)
            {
                var elements = GetElements(i);
                elements.CopyTo(ordered.Memory[length..]);
                length += elements.Length;
            }

            return Tensor.FromRented(_type, shape, ordered, length);
        }
    }

    public void Dispose()
    {
        _elements.Dispose();
        _entries.Dispose();
    }

    private Memory<byte> GetElements(int index)
    {
        var entry = GetEntry(index);
        return _elements.Written.Slice((int)entry[Offset], (int)entry[Length]);
    }

    private Span<long> GetEntry(int index) => MemoryMarshal.Cast<byte, long>(_entries.Written.Span).Slice(index * EntrySize, EntrySize);
}
