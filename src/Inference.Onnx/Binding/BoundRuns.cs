using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Binding;

/// <summary>
/// The smallest runs of a session, in memory that stays bound to it between runs. ONNX Runtime needs more time to create native values for
/// a run's tensors than to copy them. One binding per processor is kept, because there are no more slots.
/// </summary>
internal sealed class BoundRuns(InferenceSession session, BoundLayout layout) : IDisposable
{
    private readonly BoundRun?[] _free = new BoundRun?[Environment.ProcessorCount];

    /// <summary>The number of bindings that wait for their next run.</summary>
    public int Free => _free.Count(run => run is not null);

    /// <summary>Runs inputs of the smallest shapes. Null for inputs of other shapes.</summary>
    /// <exception cref="OnnxRuntimeException">The run failed or was terminated.</exception>
    public Tensor[]? TryRun(RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        if (!layout.Fits(inputs))
            return null;
        var run = Take() ?? new BoundRun(session, layout);
        try
        {
            var results = run.Run(options, inputs, outputs);
            Return(ref run);
            return results;
        }
        finally
        {
            // A binding whose run failed may be in an undefined state.
            run?.Dispose();
        }
    }

    /// <summary>Disposes the bindings after the last run has ended.</summary>
    public void Dispose()
    {
        while (Take() is { } run)
            run.Dispose();
    }

    private BoundRun? Take()
    {
        foreach (ref var free in _free.AsSpan())
        {
            if (free is not null && Interlocked.Exchange(ref free, null) is { } run)
                return run;
        }

        return null;
    }

    /// <summary>Keeps the run for reuse, or leaves it to the caller if enough are kept.</summary>
    private void Return(ref BoundRun? run)
    {
        foreach (ref var free in _free.AsSpan())
        {
            if (free is null && Interlocked.CompareExchange(ref free, run, null) is null)
            {
                run = null;
                return;
            }
        }
    }
}
