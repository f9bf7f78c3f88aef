using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// The outputs of a split request: one tensor for each output, into which the rows of each run are copied as soon as they arrive. A large
/// request has thousands of runs, so keeping the rows of each run until the end would need much uncounted memory. Thread-safe.
/// </summary>
/// <param name="axes">For each output, the axis of the items.</param>
/// <param name="itemCount">The number of items of the request.</param>
internal sealed class SplitOutputs(int[] axes, int itemCount) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IJoinedOutput?[] _outputs = new IJoinedOutput?[axes.Length];
    private bool _isDisposed;

    /// <summary>Copies the rows of some items. Does nothing after the disposal. The caller remains the owner of the rows.</summary>
    /// <param name="start">The index of the first of these items in the request.</param>
    /// <param name="count">The number of these items.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the outputs of the items differ in type or shape.
    /// <see cref="InferenceError.InvalidRequest"/>: the outputs of all items exceed 2 GiB or the memory for requests.
    /// <see cref="InferenceError.Overloaded"/>: no memory is free at the moment.
    /// </exception>
    public void Add(int start, int count, Tensor[] rows)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            for (var i = 0; i < axes.Length; i++)
                (_outputs[i] ??= CreateOutput(rows[i], axes[i])).Add(rows[i], start, count);
        }
    }

    /// <summary>Transfers the outputs to the caller. Every item must have been added.</summary>
    public Tensor[] Take()
    {
        lock (_gate)
            return TensorArrays.Create(axes.Length, _outputs, static (outputs, i) => outputs[i]!.Take());
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var output in _outputs)
                output?.Dispose();
        }
    }

    private IJoinedOutput CreateOutput(Tensor rows, int axis) =>
        rows.Type == ElementType.Bytes ? new AppendedOutput(rows, itemCount) : new PlacedOutput(rows, axis, itemCount);

    private interface IJoinedOutput : IDisposable
    {
        void Add(Tensor rows, int start, int count);

        /// <summary>Transfers the tensor of all items to the caller.</summary>
        Tensor Take();
    }

    /// <summary>An output with elements of a fixed size. The position of an item is therefore known in advance.</summary>
    private sealed class PlacedOutput(Tensor first, int axis, int itemCount) : IJoinedOutput
    {
        private Tensor? _joined = Tensor.Rent(first.Type, first.Shape.With(axis, itemCount));

        public void Add(Tensor rows, int start, int count)
        {
            TensorSlices.ThrowIfDifferent(rows, _joined!.Type, _joined.Shape, axis);
            new TensorSlices(rows, 0, count).CopyTo(_joined, axis, start);
        }

        public Tensor Take() => Interlocked.Exchange(ref _joined, null)!;

        public void Dispose() => _joined?.Dispose();
    }

    /// <summary>
    /// An output of byte strings. The position of an item depends on the lengths of all earlier items, so rows that arrive early wait for
    /// the rows before them.
    /// </summary>
    private sealed class AppendedOutput(Tensor first, int itemCount) : IJoinedOutput
    {
        private readonly ElementType _type = first.Type;
        private readonly Shape _shape = first.Shape.With(0, itemCount);

        /// <summary>The rows that wait for earlier rows, with the index of the first item as the key.</summary>
        private readonly Dictionary<int, Tensor> _waiting = [];
        private RentedBytes _bytes;
        private int _length;
        private int _nextItem;

        public void Add(Tensor rows, int start, int count)
        {
            TensorSlices.ThrowIfDifferent(rows, _type, _shape, axis: 0);
            if (start != _nextItem)
            {
                _waiting.Add(start, rows.Copy());
                return;
            }

            Append(rows);
            while (_waiting.Remove(_nextItem, out var next))
            {
                using (next)
                    Append(next);
            }
        }

        public Tensor Take()
        {
            var bytes = _bytes;
            _bytes = default;
            return Tensor.FromRented(_type, _shape, bytes, _length);
        }

        public void Dispose()
        {
            PooledBytes.Return(_bytes);
            _bytes = default;
            _waiting.Values.DisposeAll();
            _waiting.Clear();
        }

        private void Append(Tensor rows)
        {
            var length = (long)_length + rows.Data.Length;
            if (length > Array.MaxLength)
            {
                throw InferenceException.InvalidRequest(
                    "The items' outputs together exceed 2 GiB: send fewer items.", ErrorReason.RequestTooLarge);
            }

            if (length > _bytes.Length)
                _bytes = PooledBytes.Grow(_bytes, _length, (int)length);
            rows.Data.Span.CopyTo(_bytes.Span[_length..]);
            _length = (int)length;
            _nextItem += (int)rows.Shape[0];
        }
    }
}
