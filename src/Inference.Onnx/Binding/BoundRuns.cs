using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Binding;

/// <summary>
/// Executes a session's smallest runs, in which every dynamic dimension has size 1. A run copies its tensors to and from memory that stays
/// bound to the session. For small tensors, the copies take less time than the creation of native values. At most one binding per processor
/// is kept, because at most one run per processor is in progress.
/// </summary>
internal sealed class BoundRuns(InferenceSession session, BoundLayout layout) : IDisposable
{
    private readonly BoundRun?[] _idleRuns = new BoundRun?[Environment.ProcessorCount];

    /// <summary>The number of bindings that no run uses.</summary>
    public int IdleCount => _idleRuns.Count(run => run is not null);

    /// <summary>Runs inputs with the shapes of the layout; returns null for inputs of other shapes.</summary>
    /// <exception cref="OnnxRuntimeException">The run failed or was terminated.</exception>
    public Tensor[]? TryRun(RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        if (!layout.Fits(inputs))
            return null;
        var run = TakeIdle() ?? new BoundRun(session, layout);
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

    /// <summary>Disposes the bindings. Call this after the last run has ended.</summary>
    public void Dispose()
    {
        while (TakeIdle() is { } run)
            run.Dispose();
    }

    private BoundRun? TakeIdle()
    {
        foreach (ref var element in _idleRuns.AsSpan())
        {
            if (element is not null && Interlocked.Exchange(ref element, null) is { } run)
                return run;
        }

        return null;
    }

    /// <summary>Keeps the binding for later runs, if the array has an empty element.</summary>
    /// <param name="run">
    /// The binding. The reference becomes null when the binding is kept. Otherwise the caller disposes the binding.
    /// </param>
    private void Return(ref BoundRun? run)
    {
        foreach (ref var element in _idleRuns.AsSpan())
        {
            if (element is null && Interlocked.CompareExchange(ref element, run, null) is null)
            {
                run = null;
                return;
            }
        }
    }
}
