using System.Collections.Immutable;

namespace Inference.Models.Contracts;

/// <summary>
/// The positions of a run's items in the tensors of a model. Slice <c>i</c> of each tensor along its axis belongs to item <c>i</c>.
/// </summary>
/// <param name="Inputs">The axis of the items in each input, or <see cref="Shared"/> for an input that all items of a run share.</param>
/// <param name="Outputs">The axis of the items in each output.</param>
public sealed record BatchLayout(ImmutableArray<int> Inputs, ImmutableArray<int> Outputs)
{
    /// <summary>Marks an input without items. Requests share a run only if they have equal values for such an input.</summary>
    public const int Shared = -1;

    /// <summary>Whether the items are the first axis of every input and output.</summary>
    public bool IsFirstAxis => Inputs.All(axis => axis == 0) && Outputs.All(axis => axis == 0);

    /// <summary>Creates the layout of a model whose tensors all have the items as their first axis.</summary>
    public static BatchLayout FromFirstAxis(ModelSignature signature) =>
        new([.. signature.Inputs.Select(_ => 0)], [.. signature.Outputs.Select(_ => 0)]);

    public bool Equals(BatchLayout? other) =>
        other is not null && Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);

    public override int GetHashCode() => HashCode.Combine(Inputs.Length, Outputs.Length);
}
