using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>The inputs and outputs of a model as a settings file declares them. Compared by value.</summary>
/// <param name="File">The name of the file, for messages.</param>
/// <param name="MaxBatchSize">
/// Above 0: every tensor has a batch dimension that <see cref="DeclaredTensor.Dims"/> leave out. Null when the file does not set it.
/// </param>
/// <param name="Inputs">Empty when the file leaves them to the model.</param>
/// <param name="Outputs">Empty when the file leaves them to the model.</param>
public sealed record DeclaredTensors(
    string File, int? MaxBatchSize, ImmutableArray<DeclaredTensor> Inputs, ImmutableArray<DeclaredTensor> Outputs)
{
    public bool Equals(DeclaredTensors? other) =>
        other is not null && File == other.File && MaxBatchSize == other.MaxBatchSize
        && Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);

    public override int GetHashCode() => HashCode.Combine(File, MaxBatchSize, Inputs.Length, Outputs.Length);
}
