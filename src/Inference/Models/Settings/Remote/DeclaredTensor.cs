using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings.Remote;

/// <summary>One input or output as a settings file declares it. Compared by value, without its position in the file.</summary>
/// <param name="Type">The element type; null when the file does not name it.</param>
/// <param name="Dims">
/// The dimensions of the model's own tensor, without the batch dimension if <see cref="DeclaredTensors.MaxBatchSize"/> is above 0.
/// <see cref="Shape.Dynamic"/> is a dynamic dimension. Null when the file does not name the dimensions.
/// </param>
public sealed record DeclaredTensor(string Name, ElementType? Type, ImmutableArray<long>? Dims)
{
    /// <summary>The line of the declaration, from 1.</summary>
    public int Line { get; init; }

    /// <summary>The column of the declaration in bytes, from 1.</summary>
    public int Column { get; init; }

    /// <summary>
    /// The dimensions of the tensor in requests and responses; null when they are equal to <see cref="Dims"/>.
    /// </summary>
    public ImmutableArray<long>? CallerDims { get; init; }

    /// <summary>The file with the labels of an output, in the folder of the version or of the model; null for none.</summary>
    public string? LabelFile { get; init; }

    public bool Equals(DeclaredTensor? other) =>
        other is not null && Name == other.Name && Type == other.Type
        && LabelFile == other.LabelFile && AreEqual(Dims, other.Dims) && AreEqual(CallerDims, other.CallerDims);

    public override int GetHashCode() => HashCode.Combine(Name, Type);

    private static bool AreEqual(ImmutableArray<long>? left, ImmutableArray<long>? right) =>
        left.HasValue == right.HasValue && (left is not { } dims || dims.SequenceEqual(right!.Value));
}
