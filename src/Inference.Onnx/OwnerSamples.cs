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
    private long _bytes;

    /// <summary>Completes when there is a sample.</summary>
    public Task First => _first.Task;

    /// <summary>Keeps a copy, if there is room for it.</summary>
    public void Add(IReadOnlyList<Tensor> inputs)
    {
        var bytes = inputs.Sum(input => (long)input.Data.Length);
        lock (_gate)
        {
            if (_samples.Count < Most && _bytes + bytes <= MostBytes)
            {
                _samples.Add([.. inputs.Select(input => input.Copy())]);
                _bytes += bytes;
            }
        }

        _first.TrySetResult();
    }

    /// <summary>Gives away the samples, which the caller disposes.</summary>
    public Tensor[][] Take()
    {
        lock (_gate)
        {
            Tensor[][] samples = [.. _samples];
            _samples.Clear();
            return samples;
        }
    }
}
