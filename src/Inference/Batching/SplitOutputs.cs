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
        rows.Type == ElementType.Bytes ? new TextOutput(rows) : new PlacedOutput(rows, axis, itemCount);

    private interface IJoinedOutput : IDisposable
    {
        void Add(Tensor rows, int start, int count);

        /// <summary>Transfers the tensor of all items to the caller.</summary>
        Tensor Take();
    }

    /// <summary>An output with elements of a fixed size. The position of an item is therefore known in advance.</summary>
    private sealed class PlacedOutput(Tensor first, int axis, int itemCount) : IJoinedOutput
    {
        private readonly Shape _firstShape = first.Shape;
        private Tensor? _joined = Tensor.Rent(first.Type, first.Shape.With(axis, itemCount));

        public void Add(Tensor rows, int start, int count)
        {
            TensorSlices.ThrowIfDifferent(rows, _joined!.Type, _firstShape, axis);
            new TensorSlices(rows, 0, count).CopyTo(_joined, axis, start);
        }

        public Tensor Take() => Interlocked.Exchange(ref _joined, null)!;

        public void Dispose() => Interlocked.Exchange(ref _joined, null)?.Dispose();
    }

    /// <summary>An output of byte strings. The position of an item depends on the lengths of all earlier items.</summary>
    private sealed class TextOutput(Tensor first) : IJoinedOutput
    {
        private readonly Shape _firstShape = first.Shape;
        private readonly TensorRows _rows = new(first);

        public void Add(Tensor rows, int start, int count)
        {
            TensorSlices.ThrowIfDifferent(rows, ElementType.Bytes, _firstShape, axis: 0);
            _rows.Add(rows, start);
        }

        public Tensor Take() => _rows.MoveToTensor();

        public void Dispose() => _rows.Dispose();
    }
}
