using Inference.Tensors;

namespace Inference.Onnx;

/// <summary>Copies of the inputs in the warm-up requests that the model's owner has supplied. The class is thread-safe.</summary>
internal sealed class WarmUpInputs
{
    /// <summary>The maximum number of samples.</summary>
    private const int MaxSamples = 4;

    /// <summary>The maximum size of all samples, in bytes.</summary>
    private const long MaxBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly List<Tensor[]> _samples = [];
    private readonly TaskCompletionSource _firstOffered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesLeft = MaxBytes;

    /// <summary>Completes when the first sample is offered, even if there is no room for the sample.</summary>
    public Task FirstOffered => _firstOffered.Task;

    /// <summary>The samples that were kept so far. <see cref="DisposeSamples"/> disposes the samples.</summary>
    public Tensor[][] Samples
    {
        get
        {
            lock (_gate)
                return [.. _samples];
        }
    }

    /// <summary>Keeps a copy of the inputs, if there is room for the copy.</summary>
    public void Add(IReadOnlyList<Tensor> inputs)
    {
        var bytes = inputs.Sum(input => (long)input.Data.Length);
        lock (_gate)
        {
            if (_samples.Count < MaxSamples && bytes <= _bytesLeft)
            {
                _samples.Add([.. inputs.Select(input => input.Copy())]);
                _bytesLeft -= bytes;
            }
        }

        _firstOffered.TrySetResult();
    }

    /// <summary>Disposes the samples. Later samples are not kept.</summary>
    public void DisposeSamples()
    {
        lock (_gate)
        {
            _samples.ForEach(static sample => sample.DisposeAll());
            _samples.Clear();
            _bytesLeft = 0;
        }
    }
}
