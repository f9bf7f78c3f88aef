using Inference.Tensors;

namespace Inference.Onnx;

/// <summary>Copies of inputs that the owner of a model vouches for. Thread-safe.</summary>
internal sealed class OwnerSamples
{
    /// <summary>The most samples that are kept, and their bytes.</summary>
    private const int Most = 4;
    private const long MostBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly List<Tensor[]> _samples = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesLeft = MostBytes;

    /// <summary>Completes when there is a sample.</summary>
    public Task First => _first.Task;

    /// <summary>The samples so far. They are disposed by <see cref="Close"/>.</summary>
    public Tensor[][] All
    {
        get
        {
            lock (_gate)
                return [.. _samples];
        }
    }

    /// <summary>Keeps a copy, if there is room for it.</summary>
    public void Add(IReadOnlyList<Tensor> inputs)
    {
        var bytes = inputs.Sum(input => (long)input.Data.Length);
        lock (_gate)
        {
            if (_samples.Count < Most && bytes <= _bytesLeft)
            {
                _samples.Add([.. inputs.Select(input => input.Copy())]);
                _bytesLeft -= bytes;
            }
        }

        _first.TrySetResult();
    }

    /// <summary>Forgets the samples, and keeps no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            foreach (var tensor in _samples.SelectMany(static sample => sample))
                tensor.Dispose();
            _samples.Clear();
            _bytesLeft = 0;
        }
    }
}
