namespace Inference.Onnx.Sweep;

/// <summary>A run of a model in a child process.</summary>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Threads">Of the run.</param>
/// <param name="OptimizedPath">Where the graph is written that really runs; null for nowhere.</param>
public sealed record ProbeJob(string ModelPath, OnnxTensor[] Inputs, int Threads, string? OptimizedPath = null);

/// <summary>What became of a run.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">Of ONNX Runtime or about the end of the process; empty for a run that succeeded.</param>
/// <param name="Names">Of all inputs and then of all outputs; empty when the model did not load.</param>
/// <param name="Outputs">In the model's order; empty unless the run succeeded.</param>
public sealed record ProbeResult(ProbeOutcome Outcome, string Message, string[] Names, OnnxTensor[] Outputs)
{
    public static ProbeResult Failed(ProbeOutcome outcome, string message) => new(outcome, message, [], []);
}

/// <summary>How a run ended.</summary>
public enum ProbeOutcome
{
    Succeeded,

    /// <summary>The model does not load.</summary>
    NotLoaded,

    /// <summary>ONNX Runtime refused the inputs, or a kernel failed with a message.</summary>
    Refused,

    /// <summary>An output is not a tensor of a type that is known here.</summary>
    NotTensors,

    /// <summary>The process ended.</summary>
    Crashed,

    /// <summary>It did not end in time.</summary>
    Endless,
}
