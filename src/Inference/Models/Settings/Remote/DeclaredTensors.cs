using System.Collections.Immutable;

namespace Inference.Models.Settings.Remote;

/// <summary>The inputs and outputs of a model as a settings file declares them. Compared by value.</summary>
/// <param name="File">The name of the file, for messages.</param>
/// <param name="MaxBatchSize">
/// If above 0, every tensor has a batch dimension that <see cref="DeclaredTensor.Dims"/> omit. Null when the file does not set the size.
/// </param>
/// <param name="Inputs">The inputs; empty when the file declares none.</param>
/// <param name="Outputs">The outputs; empty when the file declares none.</param>
public sealed record DeclaredTensors(
    string File, int? MaxBatchSize, ImmutableArray<DeclaredTensor> Inputs, ImmutableArray<DeclaredTensor> Outputs)
{
    /// <summary>Returns the session with the shapes that the file declares for requests and responses.</summary>
    internal IModelSession Reshape(IModelSession session)
    {
        var (inputs, outputs) = (CreateReshapes(Inputs, session.Signature.Inputs), CreateReshapes(Outputs, session.Signature.Outputs));
        return inputs.Any(static reshape => reshape is not null) || outputs.Any(static reshape => reshape is not null)
            ? new ReshapedSession(session, inputs, outputs)
            : session;
    }

    private ImmutableArray<TensorReshape?> CreateReshapes(ImmutableArray<DeclaredTensor> tensors, ImmutableArray<TensorSpec> specs) =>
    [
        .. specs.Select(spec => tensors.FirstOrDefault(tensor => tensor.Name == spec.Name) is { CallerDims: { } dims, Dims: { } modelDims }
            ? new TensorReshape(
                dims, modelDims, hasBatch: MaxBatchSize is > 0 || (MaxBatchSize is null && spec.Shape.Rank == modelDims.Length + 1))
            : null),
    ];

    public bool Equals(DeclaredTensors? other) =>
        other is not null && File == other.File && MaxBatchSize == other.MaxBatchSize
        && Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);

    public override int GetHashCode() => HashCode.Combine(File, MaxBatchSize, Inputs.Length, Outputs.Length);
}
