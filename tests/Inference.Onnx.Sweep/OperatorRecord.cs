namespace Inference.Onnx.Sweep;

/// <summary>The results of an operator's runs on inputs with a dimension of size 0.</summary>
internal sealed class OperatorRecord
{
    public int Succeeded { get; set; }

    public List<string> Crashes { get; } = [];

    /// <summary>
    /// Whether a run has succeeded, and none has crashed. Refusals alone prove nothing, because inputs may be refused before the kernel
    /// reads a size.
    /// </summary>
    public bool Survives => Succeeded > 0 && Crashes.Count == 0;
}
