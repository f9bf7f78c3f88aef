namespace Inference.Onnx.Sweep;

/// <summary>A run of a model in a child process.</summary>
/// <param name="Inputs">The inputs in the model's order.</param>
/// <param name="Threads">The number of threads per run.</param>
/// <param name="OptimizedPath">
/// The path to which the optimized graph is written, which is the graph that runs; null when it is not written.
/// </param>
public sealed record ProbeJob(string ModelPath, TestTensor[] Inputs, int Threads, string? OptimizedPath = null);

/// <summary>The result of a run.</summary>
/// <param name="Outcome">The kind of result.</param>
/// <param name="Message">The message of ONNX Runtime, or a message about the end of the process; empty for a successful run.</param>
/// <param name="Names">The names of all inputs, and then of all outputs; empty when the model did not load.</param>
/// <param name="Outputs">The outputs in the model's order; empty unless the run succeeded.</param>
public sealed record ProbeResult(ProbeOutcome Outcome, string Message, string[] Names, TestTensor[] Outputs)
{
    public static ProbeResult Failed(ProbeOutcome outcome, string message) => new(outcome, message, [], []);
}

/// <summary>The kind of result of a run.</summary>
public enum ProbeOutcome
{
    Succeeded,

    /// <summary>The model does not load.</summary>
    NotLoaded,

    /// <summary>ONNX Runtime refused the inputs, or a kernel failed with a message.</summary>
    Refused,

    /// <summary>An output is not a tensor of a supported type.</summary>
    NotTensors,

    /// <summary>The process ended.</summary>
    Crashed,

    /// <summary>The run did not end in time.</summary>
    TimedOut,
}
