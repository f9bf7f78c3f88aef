using Inference.Tensors;

namespace Inference.Onnx;

/// <summary>Copies of inputs that the owner of a model has supplied. Thread-safe.</summary>
internal sealed class OwnerSamples
{
    /// <summary>The most samples that are kept. <see cref="MostBytes"/> limits their memory.</summary>
    private const int Most = 4;
    private const long MostBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly List<Tensor[]> _samples = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesLeft = MostBytes;

    /// <summary>Completes when there is a first sample.</summary>
    public Task First => _first.Task;

    /// <summary>The samples so far. <see cref="Close"/> disposes them.</summary>
    public Tensor[][] All
    {
        get
        {
            lock (_gate)
                return [.. _samples];
        }
    }

    /// <summary>Keeps a copy of the inputs, if there is room for it.</summary>
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

    /// <summary>Disposes the samples, and keeps no more.</summary>
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
