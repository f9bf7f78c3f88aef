namespace Inference.Onnx.Sweep;

/// <summary>What became of an operator's runs on inputs with a dimension of size 0.</summary>
internal sealed class OperatorRecord
{
    public int Succeeded { get; set; }

    public List<string> Crashes { get; } = [];

    /// <summary>Refusals alone prove nothing: they may come before the kernel reads a size.</summary>
    public bool Survives => Succeeded > 0 && Crashes.Count == 0;
}
