using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Binding;

/// <summary>
/// A session's smallest runs, in memory that stays bound to it from run to run: to make native values of a run's tensors costs
/// ONNX Runtime more than to copy them. As many are kept as processors, since the slots are no more.
/// </summary>
internal sealed class BoundRuns(InferenceSession session, BoundLayout layout) : IDisposable
{
    private readonly BoundRun?[] _free = new BoundRun?[Environment.ProcessorCount];

    /// <summary>The bindings that wait for their next run.</summary>
    public int Free => _free.Count(run => run is not null);

    /// <summary>Null when the inputs are not of the smallest shapes.</summary>
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
            // One that failed is in no state to rely on.
            run?.Dispose();
        }
    }

    /// <summary>Once no run is under way.</summary>
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

    /// <summary>Leaves the run with the caller when there are enough.</summary>
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
